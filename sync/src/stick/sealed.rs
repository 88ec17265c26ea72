//! The seal around a bundle: an age file to X25519 recipients, opened part by part.
//!
//! age authenticates the payload in chunks of 64 KiB, so whole items before a damaged place come
//! out. Its head is looked at before age parses it: it must end within [`HEAD_BYTES_MAX`]. A file
//! that is sealed with a passphrase is refused whatever the passphrase: it would cost what its
//! writer likes.

use std::io::{self, BufReader, Chain, Cursor, Read, Take, Write};

use age::stream::StreamReader;
use age::{DecryptError, Decryptor, Encryptor, Identity, Recipient};
use sync_core::bundle::{BundleReader, FILE_BYTES_MAX, PIECE_BYTES_MAX, Part};

use super::StickError;
use crate::identity::AgeIdentity;

/// Bytes of a sealed file's head, room for about 100 recipients; a longer one is refused.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Recipients of one bundle; more are refused.
pub const RECIPIENTS_MAX: usize = 16;

/// A file whose head was read.
type Source<R> = BufReader<Chain<Cursor<Vec<u8>>, Take<R>>>;

/// Seals a bundle to recipients `age1…`; every call gives other bytes.
///
/// # Errors
/// `Recipient` for none, too many, or a text that is no X25519 recipient; `Io`.
pub fn seal(recipients: &[&str], bundle: &[u8]) -> Result<Vec<u8>, StickError> {
    if recipients.len() > RECIPIENTS_MAX {
        return Err(StickError::Recipient("too many".to_owned()));
    }
    let wrong = |error: &dyn core::fmt::Display| StickError::Recipient(error.to_string());
    let mut keys: Vec<age::x25519::Recipient> = Vec::new();
    for recipient in recipients {
        keys.push(recipient.parse().map_err(|error: &str| wrong(&error))?);
    }
    let keys = keys.iter().map(|key| {
        let key: &dyn Recipient = key;
        key
    });
    let encryptor = Encryptor::with_recipients(keys).map_err(|error| wrong(&error))?;
    let mut sealed = Vec::with_capacity(bundle.len().saturating_add(HEAD_BYTES_MAX));
    let mut writer = encryptor.wrap_output(&mut sealed)?;
    writer.write_all(bundle)?;
    writer.finish()?;
    Ok(sealed)
}

/// A sealed bundle that is being read.
pub struct SealedBundle<R: Read> {
    source: StreamReader<Source<R>>,
    reader: BundleReader,
    is_at_end: bool,
}

impl<R: Read> core::fmt::Debug for SealedBundle<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SealedBundle")
            .field("reader", &self.reader)
            .finish_non_exhaustive()
    }
}

impl<R: Read> SealedBundle<R> {
    /// Opens a file with one of our keys.
    ///
    /// # Errors
    /// `NoSeal`, `Passphrase`, `NotOurs`, `Io`.
    pub fn open(mut file: R, keys: &[AgeIdentity]) -> Result<Self, StickError> {
        let head = head(&mut file)?;
        let source = BufReader::new(Cursor::new(head).chain(file.take(FILE_BYTES_MAX)));
        let decryptor = Decryptor::new_buffered(source).map_err(of_age)?;
        if decryptor.is_scrypt() {
            return Err(StickError::Passphrase);
        }
        let keys = keys.iter().map(|key| {
            let key: &dyn Identity = key.inner();
            key
        });
        Ok(Self {
            source: decryptor.decrypt(keys).map_err(of_age)?,
            reader: BundleReader::default(),
            is_at_end: false,
        })
    }

    /// The next whole part; `None` at the end of a whole bundle.
    ///
    /// # Errors
    /// `Damaged` where the seal breaks, `Bundle` where the content does. Parts that were given
    /// out stay good; no further one follows.
    pub fn next_part(&mut self) -> Result<Option<Part>, StickError> {
        loop {
            if let Some(part) = self.reader.next_part()? {
                return Ok(Some(part));
            }
            if self.is_at_end {
                self.reader.finish()?;
                return Ok(None);
            }
            let mut piece = [0_u8; 4096];
            let got = self.source.read(&mut piece).map_err(of_stream)?;
            self.is_at_end = got == 0;
            for bytes in piece
                .get(..got)
                .into_iter()
                .flat_map(|p| p.chunks(PIECE_BYTES_MAX))
            {
                self.reader.push(bytes)?;
            }
        }
    }
}

/// Reads the head of a sealed file, with what the last read brought of its payload.
fn head(mut file: impl Read) -> Result<Vec<u8>, StickError> {
    let limit = u64::try_from(HEAD_BYTES_MAX).unwrap_or(u64::MAX);
    let mut first = Vec::new();
    (&mut file).take(limit).read_to_end(&mut first)?;
    let is_ended = first.windows(5).any(|five| five == b"\n--- ");
    if is_ended {
        Ok(first)
    } else {
        Err(StickError::NoSeal("its head has no end".to_owned()))
    }
}

fn of_age(error: DecryptError) -> StickError {
    match error {
        DecryptError::NoMatchingKeys => StickError::NotOurs,
        DecryptError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            StickError::Io(error)
        }
        other => StickError::NoSeal(other.to_string()),
    }
}

/// An error of the payload: the medium's, or the seal's.
fn of_stream(error: io::Error) -> StickError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => StickError::Damaged,
        _ => StickError::Io(error),
    }
}
