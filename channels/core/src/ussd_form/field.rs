//! Fields of an `application/x-www-form-urlencoded` body (URL Living Standard §5.1), bounded.

use super::{BODY_OCTETS_MAX, Reason, Refused};

/// Most fields of a form; more are refused. The longest known notification has twelve.
const FIELDS_MAX: usize = 32;

/// A wanted field, decoded.
pub(super) struct Field {
    name: &'static str,
    /// The value.
    pub(super) text: String,
    /// The octet of the body where the value begins.
    pub(super) offset: usize,
}

/// The wanted fields of a form.
pub(super) struct Fields(Vec<Field>);

impl Fields {
    /// Decodes the body and keeps the wanted names.
    pub(super) fn parse(body: &[u8], wanted: &[&'static str]) -> Result<Self, Refused> {
        let (limit, got) = (BODY_OCTETS_MAX, body.len());
        if got > limit {
            return Err(Refused {
                reason: Reason::TooLarge { limit, got },
                offset: limit,
            });
        }
        let mut fields: Vec<Field> = Vec::new();
        for pair in pairs(body, FIELDS_MAX) {
            let pair = pair?;
            if let Some(&name) = wanted.iter().find(|&&wanted| wanted == pair.name) {
                if fields.iter().any(|field| field.name == name) {
                    return Err(Refused {
                        reason: Reason::Doubled(name),
                        offset: pair.offset,
                    });
                }
                fields.push(Field {
                    name,
                    text: pair.value,
                    offset: pair.value_offset,
                });
            }
        }
        Ok(Self(fields))
    }

    /// Takes a value with its place; `None` when the field is missing.
    pub(super) fn take(
        &mut self,
        name: &'static str,
        octets_max: usize,
    ) -> Result<Option<Field>, Refused> {
        let Some(place) = self.0.iter().position(|field| field.name == name) else {
            return Ok(None);
        };
        let field = self.0.swap_remove(place);
        if field.text.len() > octets_max {
            return Err(Refused {
                reason: Reason::TooLong(name),
                offset: field.offset,
            });
        }
        Ok(Some(field))
    }

    /// Takes a value that may be missing.
    pub(super) fn optional(
        &mut self,
        name: &'static str,
        octets_max: usize,
    ) -> Result<Option<String>, Refused> {
        Ok(self.take(name, octets_max)?.map(|field| field.text))
    }

    /// Takes a value that must be there and hold something.
    pub(super) fn required(
        &mut self,
        name: &'static str,
        octets_max: usize,
    ) -> Result<String, Refused> {
        self.optional(name, octets_max)?
            .filter(|text| !text.is_empty())
            .ok_or(Refused {
                reason: Reason::Missing(name),
                offset: 0,
            })
    }
}

/// One name and value, decoded, with their places in the body.
struct Pair {
    name: String,
    value: String,
    offset: usize,
    value_offset: usize,
}

/// The pairs of a form one after the other, `fields_max` at most.
fn pairs(body: &[u8], fields_max: usize) -> impl Iterator<Item = Result<Pair, Refused>> {
    let mut next = 0_usize;
    body.split(|&octet| octet == b'&')
        .enumerate()
        .map(move |(count, pair)| {
            let offset = next;
            next = next.saturating_add(pair.len()).saturating_add(1);
            if count >= fields_max {
                return Err(Refused {
                    reason: Reason::TooManyFields(fields_max),
                    offset,
                });
            }
            let length = pair
                .iter()
                .position(|&octet| octet == b'=')
                .unwrap_or(pair.len());
            let (name, value) = pair.split_at(length);
            let value = value.strip_prefix(b"=").unwrap_or(value);
            let value_offset = offset
                .saturating_add(pair.len())
                .saturating_sub(value.len());
            Ok(Pair {
                name: decode(name, offset)?,
                value: decode(value, value_offset)?,
                offset,
                value_offset,
            })
        })
}

/// Names and values of a form, in their order.
pub(crate) type NamesAndValues = Vec<(String, String)>;

/// All names and values of a form.
///
/// # Errors
/// [`Refused`] for more than `fields_max` fields, a broken escape, or what is not UTF-8.
pub(crate) fn decode_pairs(body: &[u8], fields_max: usize) -> Result<NamesAndValues, Refused> {
    pairs(body, fields_max)
        .map(|pair| pair.map(|Pair { name, value, .. }| (name, value)))
        .collect()
}

/// Percent-decodes one name or value: `+` is a blank, `%` begins two hexadecimal digits.
fn decode(octets: &[u8], offset: usize) -> Result<String, Refused> {
    let mut decoded = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((&octet, after)) = rest.split_first() {
        let at = offset.saturating_add(octets.len().saturating_sub(rest.len()));
        rest = after;
        match octet {
            b'+' => decoded.push(b' '),
            b'%' => {
                let (pair, later) = after.split_first_chunk::<2>().ok_or(Refused {
                    reason: Reason::PercentEscape,
                    offset: at,
                })?;
                let value = hexadecimal(*pair).ok_or(Refused {
                    reason: Reason::PercentEscape,
                    offset: at,
                })?;
                decoded.push(value);
                rest = later;
            }
            _ => decoded.push(octet),
        }
    }
    String::from_utf8(decoded).ok().ok_or(Refused {
        reason: Reason::NotUtf8,
        offset,
    })
}

fn hexadecimal(pair: [u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}
