//! Changes: the values of a document, or the steps of an edit and what it builds on.
//!
//! Layout: `docs/protocols/packing.md` §6. A change is written this way only when repeating it
//! here gives the same bytes; [`Plan::of`] tries that first.

use std::collections::BTreeMap;

use super::coder::{Coder, Prob};
use super::field::{AllTexts, FieldModel, Lease, Place};
use super::head::HeadModels;
use super::model::{Number, Recent, Tree};
use super::overlay::{Overlay, Shelf};
use super::set::PackSet;
use crate::document::{self, DEPENDENCIES_MAX, Document, OPERATIONS_MAX, Step};
use crate::entry::{EntryMeta, EntryRef};

/// Milliseconds of a mean Gregorian year: close enough for the year of a clock.
const YEAR_MILLIS: u64 = 31_556_952_000;
/// Fields of a schema that are named by index; further ones are named by their key.
const FIELDS_MAX: usize = 255;

const OWN_LAST: u8 = 0;
const FIRST: u8 = 1;
const LISTED: u8 = 2;

/// What an edit builds on.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// The origin's last change of the document, alone.
    OwnLast,
    /// The change that created the document, alone.
    First,
    /// These, in the order of the change.
    Listed(Vec<EntryRef>),
}

/// A change as what repeats it.
pub(super) enum Plan {
    Create(BTreeMap<String, String>),
    Edit(Base, Vec<Step>),
}

/// Where a change stands.
pub(super) struct ChangePlace<'a> {
    pub(super) meta: &'a EntryMeta,
    pub(super) actor: [u8; 8],
    pub(super) set: &'a PackSet,
    pub(super) lease: Lease<'a>,
    /// Whether the entry before created a document.
    pub(super) is_after_new: bool,
}

impl Plan {
    /// How the change is repeated, when that gives its bytes.
    pub(super) fn of(
        place: &ChangePlace<'_>,
        overlay: &mut Overlay<'_>,
        shelf: &dyn Shelf,
        change: &[u8],
    ) -> Option<Self> {
        let head = document::inspect(change).ok()?;
        let steps = document::steps(change).ok()?;
        let plan = match place.meta.doc_ref {
            None => {
                let values = steps
                    .into_iter()
                    .map(|step| Some((step.field, step.value?)));
                Self::Create(values.collect::<Option<_>>()?)
            }
            Some(of) => {
                overlay.document(&of, shelf)?;
                let base = base(place, overlay, shelf, &head)?;
                let made = overlay
                    .held(&of)?
                    .repeat(place.actor, &head.dependencies, &steps);
                return (made.ok()? == change).then_some(Self::Edit(base, steps));
            }
        };
        let (_, rebuilt) = plan.create(place.actor)?;
        (rebuilt == change).then_some(plan)
    }

    /// The document that this plan creates, and its change.
    pub(super) fn create(&self, actor: [u8; 8]) -> Option<(Document, Vec<u8>)> {
        match self {
            Self::Create(fields) => Document::create(actor, fields).ok(),
            Self::Edit(..) => None,
        }
    }
}

/// The shortest name of what a change builds on.
fn base(
    place: &ChangePlace<'_>,
    overlay: &Overlay<'_>,
    shelf: &dyn Shelf,
    head: &document::ChangeHead,
) -> Option<Base> {
    let of = place.meta.doc_ref?;
    if let [only] = head.dependencies.as_slice() {
        if overlay.own_last(&of, shelf) == Some(*only) {
            return Some(Base::OwnLast);
        }
        if overlay.hash(&of, shelf) == Some(*only) {
            return Some(Base::First);
        }
    }
    let listed = head
        .dependencies
        .iter()
        .map(|hash| overlay.entry(&of, hash, shelf));
    listed.collect::<Option<_>>().map(Base::Listed)
}

/// The models of all changes.
#[derive(Clone)]
pub(super) struct ChangeModels {
    schemas: BTreeMap<u16, SchemaModel>,
    texts: AllTexts,
    base: Tree,
    listed: Number,
}

#[derive(Clone)]
struct SchemaModel {
    keys: Vec<String>,
    fields: Vec<FieldModel>,
    has_more: Prob,
    more_keys: Recent<String>,
    is_recent_key: Prob,
    steps: Number,
    which: Tree,
    is_kept: Prob,
}

impl SchemaModel {
    fn new(set: &PackSet, schema: u16) -> Self {
        let found = set.schemas.iter().find(|it| it.schema == schema);
        let fields = found.map_or(&[][..], |it| it.fields.as_slice());
        let fields: Vec<_> = fields.iter().take(FIELDS_MAX).collect();
        let mut weights = vec![4; fields.len()];
        weights.resize(FIELDS_MAX, 0);
        weights.push(if fields.is_empty() { 4 } else { 1 });
        Self {
            keys: fields.iter().map(|it| it.key.clone()).collect(),
            has_more: if fields.is_empty() {
                Prob::EVEN
            } else {
                Prob::new(1 << 9, 6)
            },
            fields: fields
                .iter()
                .map(|it| FieldModel::new(&it.codec, it.present))
                .collect(),
            more_keys: Recent::new(Vec::new()),
            is_recent_key: Prob::EVEN,
            steps: Number::around(1),
            which: Tree::weighted(8, &weights, 2),
            is_kept: Prob::new(1 << 9, 6),
        }
    }

    /// A key that the schema does not name.
    fn other_key<C: Coder>(
        &mut self,
        coder: &mut C,
        texts: &mut AllTexts,
        given: &str,
    ) -> Option<String> {
        let position = self.more_keys.position(&given.to_owned());
        let key = if coder.bit(&mut self.is_recent_key, position.is_some()) {
            let position = self.more_keys.code(coder, position.unwrap_or(0));
            self.more_keys.get(position)?.clone()
        } else {
            texts.codes.code(coder, given)?
        };
        self.more_keys.note(key.clone());
        Some(key)
    }
}

impl ChangeModels {
    pub(super) fn new() -> Self {
        Self {
            schemas: BTreeMap::new(),
            texts: AllTexts::new(),
            base: Tree::weighted(2, &[16, 8, 4], 2),
            listed: Number::around(2),
        }
    }

    /// Writes a plan, or reads one.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        heads: &mut HeadModels,
        place: &ChangePlace<'_>,
        given: Option<&Plan>,
    ) -> Option<Plan> {
        let schema = place.meta.schema;
        let mut model = self
            .schemas
            .remove(&schema)
            .unwrap_or_else(|| SchemaModel::new(place.set, schema));
        let field = Place {
            role: usize::from(place.is_after_new),
            year: i64::try_from((place.meta.hlc >> 16) / YEAR_MILLIS).unwrap_or(0) + 1970,
            lease: place.lease,
        };
        let plan = if place.meta.doc_ref.is_none() {
            let none = BTreeMap::new();
            let fields = match given {
                Some(Plan::Create(fields)) => fields,
                _ => &none,
            };
            Plan::Create(self.create(coder, &mut model, &field, fields)?)
        } else {
            let (base, steps) = match given {
                Some(Plan::Edit(base, steps)) => (Some(base), steps.as_slice()),
                _ => (None, &[][..]),
            };
            let base = self.base(coder, heads, place, base)?;
            Plan::Edit(base, self.edit(coder, &mut model, &field, steps)?)
        };
        self.schemas.insert(schema, model);
        Some(plan)
    }

    fn create<C: Coder>(
        &mut self,
        coder: &mut C,
        model: &mut SchemaModel,
        place: &Place<'_>,
        given: &BTreeMap<String, String>,
    ) -> Option<BTreeMap<String, String>> {
        let mut fields = BTreeMap::new();
        for (key, field) in model.keys.iter().zip(&mut model.fields) {
            let value = given.get(key);
            if field.presence(coder, place.role, value.is_some()) {
                let value = value.map_or("", String::as_str);
                let value = field.value(coder, &mut self.texts, place, value)?;
                fields.insert(key.clone(), value);
            }
            if coder.is_over() {
                return None;
            }
        }
        let known = model.keys.clone();
        let mut more = given.iter().filter(|(key, _)| !known.contains(key));
        loop {
            let next = more.next();
            if !coder.bit(&mut model.has_more, next.is_some()) {
                return Some(fields);
            }
            let (key, value) = next.map_or(("", ""), |(key, value)| (key, value));
            let key = model.other_key(coder, &mut self.texts, key)?;
            let value = self.texts.codes.code(coder, value)?;
            let is_twice = fields.insert(key, value).is_some();
            if is_twice || fields.len() > OPERATIONS_MAX || coder.is_over() {
                return None;
            }
        }
    }

    fn base<C: Coder>(
        &mut self,
        coder: &mut C,
        heads: &mut HeadModels,
        place: &ChangePlace<'_>,
        given: Option<&Base>,
    ) -> Option<Base> {
        let kind = match given {
            None | Some(Base::OwnLast) => OWN_LAST,
            Some(Base::First) => FIRST,
            Some(Base::Listed(_)) => LISTED,
        };
        match self.base.code(coder, kind) {
            OWN_LAST => Some(Base::OwnLast),
            FIRST => Some(Base::First),
            _ => {
                let given = match given {
                    Some(Base::Listed(entries)) => entries.as_slice(),
                    _ => &[],
                };
                let count = u64::try_from(given.len()).unwrap_or(0);
                let count = usize::try_from(self.listed.code(coder, count)).ok()?;
                if count > DEPENDENCIES_MAX {
                    return None;
                }
                let mut given = given.iter().copied();
                let entries =
                    (0..count).map(|_| heads.references.code(coder, place.meta.seq, given.next()));
                entries.collect::<Option<_>>().map(Base::Listed)
            }
        }
    }

    fn edit<C: Coder>(
        &mut self,
        coder: &mut C,
        model: &mut SchemaModel,
        place: &Place<'_>,
        given: &[Step],
    ) -> Option<Vec<Step>> {
        let count = u64::try_from(given.len()).unwrap_or(0);
        let count = usize::try_from(model.steps.code(coder, count)).ok()?;
        if count > OPERATIONS_MAX {
            return None;
        }
        let mut given = given.iter();
        let mut steps = Vec::new();
        for _ in 0..count {
            let step = given.next();
            let key = step.map_or("", |it| it.field.as_str());
            let index = model.keys.iter().position(|it| it == key);
            let index = u8::try_from(index.unwrap_or(FIELDS_MAX)).unwrap_or(u8::MAX);
            let index = usize::from(model.which.code(coder, index));
            let field = match model.keys.get(index) {
                Some(key) => key.clone(),
                None => model.other_key(coder, &mut self.texts, key)?,
            };
            let is_kept = step.is_some_and(|it| it.value.is_none());
            let value = if coder.bit(&mut model.is_kept, is_kept) {
                None
            } else {
                let text = step.and_then(|it| it.value.as_deref()).unwrap_or("");
                Some(match model.fields.get_mut(index) {
                    Some(codec) => codec.value(coder, &mut self.texts, place, text)?,
                    None => self.texts.codes.code(coder, text)?,
                })
            };
            steps.push(Step { field, value });
            if coder.is_over() {
                return None;
            }
        }
        Some(steps)
    }
}
