//! What the system tells a run: to end, or that a file may not grow.

use dechaff::write;

/// On an interrupt, whole files and none half written are left, and the exit status is 130; 143 when told to end.
#[cfg(unix)]
pub(crate) fn heed() -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
    // A file that may not grow is an error where it is written, not the end.
    signal_hook::flag::register(SIGXFSZ, std::sync::Arc::default())?;
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            write::give_up_drafts();
            signal_hook::low_level::exit(128 + signal);
        }
    });
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn heed() -> std::io::Result<()> {
    Ok(())
}
