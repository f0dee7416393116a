//! The floor under anything that reads lines: reads files, checks that they are UTF-8, splits lines and hashes each.
//!
//! `cargo run --release --example floor -- FILE...`; `benches/peers.py` holds dechaff against it.

use std::error::Error;
use std::hash::Hasher;

fn main() -> Result<(), Box<dyn Error>> {
    let mut sum = 0_u64;
    for path in std::env::args_os().skip(1) {
        let bytes = std::fs::read(path)?;
        for line in std::str::from_utf8(&bytes)?.lines() {
            let mut hasher = rustc_hash::FxHasher::default();
            hasher.write(line.as_bytes());
            sum = sum.wrapping_add(hasher.finish());
        }
    }
    std::hint::black_box(sum);
    Ok(())
}
