//! Cuts a stream of bytes into messages; keeps no more than one unfinished message and one push.

use crate::varint::Reader;

use super::{Message, MessageError, body};

/// Bytes of a length at most: no body is longer than 4 × 7 bits can say.
const LENGTH_BYTES_MAX: usize = 4;

/// Bytes held at most: the largest request body and one unfinished message before it.
/// A push beyond it is refused and ends the stream.
const BUFFER_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Reads messages from a byte stream that arrives in pieces of any size.
///
/// The first error is final: a stream that was wrong once has no message boundary any more.
#[derive(Default)]
pub struct Parser {
    buffer: Vec<u8>,
    start: usize,
    failed: Option<MessageError>,
}

impl Parser {
    /// Adds bytes that arrived.
    ///
    /// # Errors
    /// The error that ended the stream before, or `TooLarge` when nobody reads the messages.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), MessageError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let got = self.pending_bytes().saturating_add(bytes.len());
        if got > BUFFER_BYTES_MAX {
            return Err(self.fail(MessageError::TooLarge {
                limit: BUFFER_BYTES_MAX,
                got,
            }));
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// The next whole message, `None` until more bytes arrive.
    ///
    /// # Errors
    /// The first malformed message, again at every later call.
    pub fn next_message(&mut self) -> Result<Option<Message>, MessageError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let bytes = self.buffer.get(self.start..).unwrap_or_default();
        match read(bytes) {
            Ok(None) => Ok(None),
            Ok(Some((message, length))) => {
                self.start = self.start.saturating_add(length);
                Ok(Some(message))
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Bytes of a message that is not complete, or not yet read.
    pub fn pending_bytes(&self) -> usize {
        self.buffer.len().saturating_sub(self.start)
    }

    fn fail(&mut self, error: MessageError) -> MessageError {
        self.failed = Some(error);
        self.buffer = Vec::new();
        self.start = 0;
        error
    }
}

/// A message and how many bytes it took; `None` until it is whole.
type Cut = Option<(Message, usize)>;

fn read(bytes: &[u8]) -> Result<Cut, MessageError> {
    let Some((kind, rest)) = bytes.split_first() else {
        return Ok(None);
    };
    let limit = body::bytes_max(*kind)?;
    // Never more than these, so that pieces of the stream give the error that the whole gives.
    let digits = rest.get(..LENGTH_BYTES_MAX).unwrap_or(rest);
    let mut reader = Reader::new(digits);
    let Some(length) = reader.varint() else {
        let whole = digits.len() == LENGTH_BYTES_MAX || digits.iter().any(|byte| byte & 0x80 == 0);
        return if whole {
            Err(MessageError::Malformed("length"))
        } else {
            Ok(None)
        };
    };
    let got = usize::try_from(length).unwrap_or(usize::MAX);
    if got > limit {
        return Err(MessageError::TooLarge { limit, got });
    }
    let length_bytes = digits.len().saturating_sub(reader.remaining());
    let head = 1 + length_bytes;
    let Some(body) = bytes.get(head..head.saturating_add(got)) else {
        return Ok(None);
    };
    Ok(Some((body::decode(*kind, body)?, head.saturating_add(got))))
}
