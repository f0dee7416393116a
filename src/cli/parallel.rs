//! Work on many things at once, with the results in their order and memory bounded.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Things that are worked on, or wait for those before them, for each thread.
const AHEAD: usize = 2;

/// Does `work` on every item, on that many threads, and gives each result to `take`, in the order of the items. When
/// `take` fails, no more items are asked for, and its error comes back.
pub(crate) fn in_order<T: Send, R: Send, E: Send>(
    items: impl Iterator<Item = T>,
    threads: usize,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E> + Send,
) -> Result<(), E> {
    if threads <= 1 {
        return items.map(work).try_for_each(take);
    }
    thread::scope(|scope| {
        let (to_workers, queue) = mpsc::sync_channel::<(T, SyncSender<R>)>(threads);
        let (to_taker, results) = mpsc::sync_channel::<Receiver<R>>(AHEAD * threads);
        let (queue, work) = (Mutex::new(queue), &work);
        let queue = std::sync::Arc::new(queue);
        for _ in 0..threads {
            let queue = std::sync::Arc::clone(&queue);
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((item, answer)) = next else { break };
                    // Nobody waits for it any more where `take` has failed.
                    let _ = answer.send(work(item));
                }
            });
        }
        drop(queue);
        let taker = scope.spawn(move || results.iter().flat_map(|result| result.recv()).try_for_each(&mut take));
        for item in items {
            let (answer, result) = mpsc::sync_channel(1);
            if to_taker.send(result).is_err() || to_workers.send((item, answer)).is_err() {
                break;
            }
        }
        drop((to_workers, to_taker));
        taker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_and_memory_is_bounded() {
        for threads in [1, 2, 7] {
            let (asked, mut taken) = (AtomicUsize::new(0), Vec::new());
            let items = (0..500).inspect(|_| {
                asked.fetch_add(1, Ordering::SeqCst);
            });
            let work = |n: usize| {
                thread::sleep(std::time::Duration::from_micros(if n.is_multiple_of(7) { 400 } else { 1 }));
                n * 2
            };
            let done = in_order(items, threads, work, |n| {
                assert!(asked.load(Ordering::SeqCst) <= taken.len() + (2 + AHEAD) * threads + 2);
                taken.push(n);
                Ok::<(), ()>(())
            });
            assert_eq!(done, Ok(()));
            assert_eq!(taken, (0..500).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_failure_ends_it() {
        for threads in [1, 3] {
            let mut taken = 0;
            let done = in_order(
                0..,
                threads,
                |n| n,
                |n| {
                    taken += 1;
                    if n == 9 { Err("full") } else { Ok(()) }
                },
            );
            assert_eq!((done, taken), (Err("full"), 10));
        }
    }
}
