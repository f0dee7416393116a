//! Compressed streams: gzip and zstd, told by their first bytes, read and written piece by piece.

use std::io::{self, BufRead, BufReader, Write};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

/// How the bytes of a stream are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// As they are.
    Plain,
    /// gzip, of one member or many.
    Gzip,
    /// zstd, of one frame or many.
    Zstd,
}

impl Codec {
    /// What a stream is whose first bytes are these; four are enough.
    #[must_use]
    pub fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }

    /// What is packed in a stream. That it is cut off or damaged is an error where it is read, not an end.
    ///
    /// # Errors
    /// There is no memory for the decoder.
    pub fn unpack(self, stream: impl BufRead + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
        Ok(match self {
            Self::Plain => Box::new(stream),
            Self::Gzip => Box::new(BufReader::new(MultiGzDecoder::new(stream))),
            Self::Zstd => Box::new(BufReader::new(zstd::Decoder::with_buffer(stream)?)),
        })
    }

    /// Packs what is written.
    ///
    /// # Errors
    /// There is no memory for the encoder.
    pub fn pack<W: Write>(self, to: W) -> io::Result<Packer<W>> {
        Ok(match self {
            Self::Plain => Packer::Plain(to),
            Self::Gzip => Packer::Gzip(GzEncoder::new(to, Compression::default())),
            Self::Zstd => {
                let mut encoder = zstd::Encoder::new(to, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                encoder.include_checksum(true)?;
                Packer::Zstd(encoder)
            }
        })
    }
}

/// Writes to a stream, packed; it is complete after [`Packer::finish`] alone.
pub enum Packer<W: Write> {
    /// As it is.
    Plain(W),
    /// gzip.
    Gzip(GzEncoder<W>),
    /// zstd.
    Zstd(zstd::Encoder<'static, W>),
}

impl<W: Write> Packer<W> {
    /// Writes what is left and gives the stream back.
    ///
    /// # Errors
    /// The stream's own.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(to) => Ok(to),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(to) => to.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(to) => to.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}
