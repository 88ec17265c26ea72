//! Facts: against a fact of the same schema that came before, or one of the set's usual ones.
//!
//! Layout: `docs/protocols/packing.md` §7. A body is read as tokens: a byte, a reference to an
//! entry of the own chain as the way back to it, or the document that the entry concerns. Bodies
//! stay opaque here; a token that is taken for a reference by chance costs nothing but bits.

use std::collections::BTreeMap;

use super::coder::{Coder, Prob};
use super::model::{Number, Recent, Tree};
use super::set::{PackSet, TEMPLATES_MAX, TemplatePiece};
use crate::entry::EntryRef;
use crate::frame::FACT_BYTES_MAX;
use crate::id::{ChainId, Seq};
use crate::varint::{self, Reader};

/// One piece of a body.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    Byte(u8),
    /// The entry so many places back in the own chain (wrapping).
    Back(u32),
    /// The document that the entry concerns.
    About,
}

/// A body as tokens.
type Tokens = Vec<Token>;

const END: u8 = 0;
const BYTE: u8 = 1;
const BACK: u8 = 2;
const ABOUT: u8 = 3;

/// What the tokens of a body are read against.
pub(super) struct FactPlace<'a> {
    pub(super) chain: &'a ChainId,
    pub(super) seq: Seq,
    pub(super) about: Option<EntryRef>,
}

impl FactPlace<'_> {
    /// How a reference begins in a body: origin, epoch and scope as varints.
    fn chain_prefix(&self) -> Vec<u8> {
        prefix(&EntryRef::new(self.chain, self.seq))
    }

    fn about_bytes(&self) -> Option<Vec<u8>> {
        let about = self.about?;
        let mut bytes = prefix(&about);
        varint::write(&mut bytes, u64::from(about.seq.0));
        Some(bytes)
    }

    pub(super) fn tokens(&self, body: &[u8]) -> Tokens {
        let prefix = self.chain_prefix();
        let about = self.about_bytes().filter(|it| !it.starts_with(&prefix));
        let mut tokens = Tokens::new();
        let mut rest = body;
        while let [byte, after @ ..] = rest {
            let own = rest.strip_prefix(prefix.as_slice()).and_then(|behind| {
                let mut reader = Reader::new(behind);
                let seq = reader.varint_u32()?;
                let read = behind.len() - reader.remaining();
                Some((seq, behind.get(read..)?))
            });
            if let Some((seq, behind)) = own {
                tokens.push(Token::Back(self.seq.0.wrapping_sub(seq)));
                rest = behind;
            } else if let Some(behind) = about.as_ref().and_then(|it| rest.strip_prefix(&**it)) {
                tokens.push(Token::About);
                rest = behind;
            } else {
                tokens.push(Token::Byte(*byte));
                rest = after;
            }
        }
        tokens
    }

    /// The body; `None` when it is too large or names a document that is none.
    fn body(&self, tokens: &[Token]) -> Option<Vec<u8>> {
        let prefix = self.chain_prefix();
        let about = self.about_bytes();
        let mut body = Vec::new();
        for token in tokens {
            match token {
                Token::Byte(byte) => body.push(*byte),
                Token::Back(back) => {
                    body.extend(&prefix);
                    varint::write(&mut body, u64::from(self.seq.0.wrapping_sub(*back)));
                }
                Token::About => body.extend(about.as_ref()?),
            }
            if body.len() > FACT_BYTES_MAX {
                return None;
            }
        }
        Some(body)
    }
}

fn prefix(entry: &EntryRef) -> Vec<u8> {
    let mut bytes = Vec::new();
    varint::write(&mut bytes, u64::from(entry.origin.0));
    varint::write(&mut bytes, entry.epoch.0);
    varint::write(&mut bytes, u64::from(entry.scope.0));
    bytes
}

/// The models of all facts.
#[derive(Clone)]
pub(super) struct FactModels {
    schemas: BTreeMap<u16, SchemaModel>,
    kinds: [Tree; 2],
    bytes: Tree,
    back: Number,
}

#[derive(Clone)]
struct SchemaModel {
    recent: Recent<Tokens>,
    is_whole: Prob,
    /// Whether a token is the expected one, under whether the one before was.
    is_expected: [Prob; 2],
}

impl SchemaModel {
    fn new(recent: Vec<Tokens>) -> Self {
        Self {
            recent: Recent::new(recent),
            is_whole: Prob::new(1 << 15, 2),
            is_expected: [Prob::new(1 << 15, 2), Prob::new(63_000, 20)],
        }
    }
}

impl FactModels {
    pub(super) fn new(set: &PackSet) -> Self {
        let mut recent: BTreeMap<u16, Vec<Tokens>> = BTreeMap::new();
        for template in &set.templates {
            let of = recent.entry(template.schema).or_default();
            if of.len() < TEMPLATES_MAX {
                of.push(template.pieces.iter().flat_map(piece).collect());
            }
        }
        let schemas = recent
            .into_iter()
            .map(|(schema, tokens)| (schema, SchemaModel::new(tokens)));
        Self {
            schemas: schemas.collect(),
            kinds: [
                Tree::weighted(2, &[4, 120, 2, 2], 4),
                Tree::weighted(2, &[4, 120, 2, 2], 4),
            ],
            bytes: Tree::even(8),
            back: Number::around(2),
        }
    }

    /// Writes a body, or reads one.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        schema: u16,
        place: &FactPlace<'_>,
        body: &[u8],
    ) -> Option<Vec<u8>> {
        let given = place.tokens(body);
        let mut model = self
            .schemas
            .remove(&schema)
            .unwrap_or_else(|| SchemaModel::new(Vec::new()));
        let tokens = self.tokens(coder, &mut model, &given)?;
        let body = place.body(&tokens)?;
        // Both ends must learn the same, so a reader takes the tokens that the writer saw.
        model.recent.note(tokens);
        self.schemas.insert(schema, model);
        Some(body)
    }

    fn tokens<C: Coder>(
        &mut self,
        coder: &mut C,
        model: &mut SchemaModel,
        given: &Tokens,
    ) -> Option<Tokens> {
        if model.recent.get(0).is_none() {
            return self.against(coder, model, &Tokens::new(), given);
        }
        let position = model.recent.position(given);
        if coder.bit(&mut model.is_whole, position.is_some()) {
            let position = model.recent.code(coder, position.unwrap_or(0));
            return model.recent.get(position).cloned();
        }
        let base = nearest(&model.recent, given);
        let base = model.recent.code(coder, base);
        let base = model.recent.get(base)?.clone();
        self.against(coder, model, &base, given)
    }

    /// Token by token, each against the one that stands there in `base`.
    fn against<C: Coder>(
        &mut self,
        coder: &mut C,
        model: &mut SchemaModel,
        base: &Tokens,
        given: &Tokens,
    ) -> Option<Tokens> {
        let mut out = Tokens::new();
        let (mut place, mut was_expected) = (0_usize, true);
        let mut pairs = Pairs::new(base);
        let mut source = given.iter();
        loop {
            let token = source.next().copied();
            let expected = base.get(place).copied();
            // Behind the last token of the base its end is expected.
            let can_expect = place <= base.len() && !base.is_empty();
            if can_expect {
                let prob = model.is_expected.get_mut(usize::from(was_expected))?;
                was_expected = coder.bit(prob, token == expected);
                if was_expected {
                    let Some(expected) = expected else {
                        return Some(out);
                    };
                    out.push(expected);
                    place += 1;
                    if out.len() > FACT_BYTES_MAX {
                        return None;
                    }
                    continue;
                }
            }
            let Some(token) = self.literal(coder, can_expect, token)? else {
                return Some(out);
            };
            out.push(token);
            place = pairs.resume(place, &out);
            if out.len() > FACT_BYTES_MAX || coder.is_over() {
                return None;
            }
        }
    }

    /// `None` is malformed, `Some(None)` the end.
    #[expect(
        clippy::option_option,
        reason = "the outer level is the end of what can be read"
    )]
    fn literal<C: Coder>(
        &mut self,
        coder: &mut C,
        can_expect: bool,
        token: Option<Token>,
    ) -> Option<Option<Token>> {
        let kind = match token {
            None => END,
            Some(Token::Byte(_)) => BYTE,
            Some(Token::Back(_)) => BACK,
            Some(Token::About) => ABOUT,
        };
        let kind = self
            .kinds
            .get_mut(usize::from(can_expect))?
            .code(coder, kind);
        Some(match kind {
            END => None,
            BYTE => {
                let byte = match token {
                    Some(Token::Byte(byte)) => byte,
                    _ => 0,
                };
                Some(Token::Byte(self.bytes.code(coder, byte)))
            }
            BACK => {
                let back = match token {
                    Some(Token::Back(back)) => back,
                    _ => 0,
                };
                let back = self.back.code(coder, u64::from(back));
                Some(Token::Back(u32::try_from(back).ok()?))
            }
            _ => Some(Token::About),
        })
    }
}

fn piece(piece: &TemplatePiece) -> Tokens {
    match piece {
        TemplatePiece::Bytes(bytes) => bytes.iter().copied().map(Token::Byte).collect(),
        TemplatePiece::Back(back) => vec![Token::Back(*back)],
    }
}

/// The recent body that agrees with this one in most places.
fn nearest(recent: &Recent<Tokens>, given: &Tokens) -> usize {
    let agreeing = |position: &usize| {
        let base = recent.get(*position);
        let pairs = base.into_iter().flatten().zip(given);
        let same = pairs.filter(|(left, right)| left == right).count();
        // The first of equals: the newest.
        (same, usize::MAX - position)
    };
    (0..TEMPLATES_MAX)
        .filter(|position| recent.get(*position).is_some())
        .max_by_key(agreeing)
        .unwrap_or(0)
}

/// Where two tokens stand together first.
type FirstPlaces = BTreeMap<(Token, Token), usize>;

/// Places in a base at which two tokens stand together.
struct Pairs<'a> {
    base: &'a [Token],
    /// The first place of each pair; made when it is first asked for. Looking through the base for
    /// each token instead would let a peer's fact of 16 KiB cost a second.
    first: Option<FirstPlaces>,
}

impl<'a> Pairs<'a> {
    fn new(base: &'a [Token]) -> Self {
        Self { base, first: None }
    }

    fn first(&mut self, pair: (Token, Token)) -> Option<usize> {
        let base = self.base;
        let first = self.first.get_or_insert_with(|| {
            let mut first = BTreeMap::new();
            for (at, two) in base.windows(2).enumerate() {
                if let [left, right] = two {
                    first.entry((*left, *right)).or_insert(at);
                }
            }
            first
        });
        first.get(&pair).copied()
    }

    /// Where to go on in the base after a token that was not expected.
    ///
    /// The next place, unless the last two tokens stand together somewhere: then behind them.
    fn resume(&mut self, place: usize, out: &[Token]) -> usize {
        let next = place.saturating_add(1);
        let [.., before, last] = out else {
            return next;
        };
        let aligned = next.checked_sub(2).and_then(|it| self.base.get(it..next));
        if aligned == Some(&[*before, *last]) {
            return next;
        }
        self.first((*before, *last)).map_or(next, |at| at + 2)
    }
}
