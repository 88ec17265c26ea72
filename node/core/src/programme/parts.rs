//! Where a block leads, which names it uses and which texts it shows; names and targets can be
//! replaced, when calls and loops are written out.

use super::block::{Ask, Block, DateQuestion, List};
use super::run::{Takes, reference};
use crate::dialogue::parameters;

impl Block {
    /// Its code, to be replaced.
    pub(super) fn code_mut(&mut self) -> &mut String {
        match self {
            Self::Message(block) => &mut block.code,
            Self::SelectOne(block) => &mut block.code,
            Self::SelectMany(block) => &mut block.code,
            Self::Numeric(block) => &mut block.code,
            Self::Date(block) => &mut block.code,
            Self::Open(block) => &mut block.code,
            Self::Case(block) => &mut block.code,
            Self::Run(block) => &mut block.code,
            Self::Money(block) => &mut block.code,
            Self::Pin(block) => &mut block.code,
            Self::Calculate(block) => &mut block.code,
            Self::Call(block) => &mut block.code,
            Self::Return(block) => &mut block.code,
            Self::Repeat(block) => &mut block.code,
            Self::Prove(block) => &mut block.code,
        }
    }

    fn ask_mut(&mut self) -> Option<&mut Ask> {
        match self {
            Self::SelectOne(block) => Some(&mut block.ask),
            Self::SelectMany(block) => Some(&mut block.ask),
            Self::Numeric(block) => Some(&mut block.ask),
            Self::Date(block) => Some(&mut block.ask),
            Self::Open(block) => Some(&mut block.ask),
            Self::Money(block) => Some(&mut block.ask),
            Self::Pin(block) => Some(&mut block.ask),
            _ => None,
        }
    }

    /// Name under which it saves something.
    pub fn saves(&self) -> Option<&str> {
        match self {
            Self::Calculate(block) => Some(&block.saves),
            _ => self.ask()?.saves.as_deref(),
        }
    }

    /// Replaces every block that it leads to.
    pub(super) fn lead(&mut self, to: &dyn Fn(&str) -> String) {
        let mut targets: Vec<&mut String> = Vec::new();
        match self {
            Self::Message(block) => targets.extend(&mut block.next),
            Self::Case(block) => {
                targets.extend(block.arms.iter_mut().map(|arm| &mut arm.next));
                targets.push(&mut block.otherwise);
            }
            Self::Run(block) => {
                targets.push(&mut block.next);
                targets.extend(&mut block.rejected);
            }
            Self::Calculate(block) => targets.push(&mut block.next),
            Self::Call(block) => targets.push(&mut block.next),
            Self::Repeat(block) => targets.extend([&mut block.first, &mut block.next]),
            Self::Prove(block) => targets.extend([&mut block.next, &mut block.unknown]),
            Self::SelectOne(block) => {
                targets.extend(&mut block.empty);
                let choices = block.choices.iter_mut();
                targets.extend(
                    choices
                        .flat_map(|one| [&mut one.next, &mut one.back_to])
                        .flatten(),
                );
            }
            Self::SelectMany(block) => {
                targets.extend(&mut block.empty);
                let choices = block.choices.iter_mut();
                targets.extend(
                    choices
                        .flat_map(|one| [&mut one.next, &mut one.back_to])
                        .flatten(),
                );
            }
            Self::Numeric(_)
            | Self::Date(_)
            | Self::Open(_)
            | Self::Money(_)
            | Self::Pin(_)
            | Self::Return(_) => {}
        }
        for target in targets {
            *target = to(target);
        }
        if let Some(ask) = self.ask_mut() {
            let zero = ask.zero.as_mut().and_then(|zero| zero.next.as_mut());
            for target in ask.next.iter_mut().chain(zero) {
                *target = to(target);
            }
        }
    }

    /// Replaces every name of an answer or value that it saves or uses.
    pub(super) fn rename(&mut self, with: &dyn Fn(&str) -> String) {
        if let Some(ask) = self.ask_mut() {
            if let Some(name) = &mut ask.saves {
                *name = with(name);
            }
            if let Some(when) = &mut ask.when {
                when.rename(with);
            }
        }
        match self {
            Self::Case(block) => {
                if let Some(name) = &mut block.on {
                    *name = with(name);
                }
                for when in block.arms.iter_mut().filter_map(|arm| arm.when.as_mut()) {
                    when.rename(with);
                }
            }
            Self::Calculate(block) => {
                block.saves = with(&block.saves);
                block.value.rename(with);
            }
            Self::Run(block) => {
                let parameters = parameters(block.command);
                let takes = |name: &str| {
                    let found = parameters.iter().find(|one| one.name == name);
                    found.map_or(Takes::Words, |one| one.takes)
                };
                let short = [("event", &mut block.event), ("subject", &mut block.subject)];
                let short = short
                    .into_iter()
                    .filter_map(|(name, given)| Some((name, given.as_mut()?)));
                let with_names = block
                    .with
                    .iter_mut()
                    .map(|(name, given)| (name.as_str(), given));
                for (name, given) in short.chain(with_names) {
                    if let Some(own) = reference(takes(name), given) {
                        let sign = if given.starts_with('$') { "$" } else { "" };
                        *given = format!("{sign}{}", with(own));
                    }
                }
            }
            _ => {}
        }
    }

    /// Its kind, as definitions spell it.
    pub fn kind_word(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::SelectOne(_) => "select_one",
            Self::SelectMany(_) => "select_many",
            Self::Numeric(_) => "numeric",
            Self::Date(_) => "date",
            Self::Open(_) => "open",
            Self::Case(_) => "case",
            Self::Run(_) => "run",
            Self::Money(_) => "money",
            Self::Pin(_) => "pin",
            Self::Calculate(_) => "calculate",
            Self::Call(_) => "call",
            Self::Return(_) => "return",
            Self::Repeat(_) => "repeat",
            Self::Prove(_) => "prove",
        }
    }

    /// Names of answers and values that decide what it shows or where it leads.
    pub(super) fn uses(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let when = self.ask().and_then(|ask| ask.when.as_ref());
        names.extend(
            when.into_iter()
                .flat_map(|when| when.names())
                .map(str::to_owned),
        );
        match self {
            Self::SelectOne(_) | Self::SelectMany(_) => {
                if let Some((list, _)) = self.lists_values() {
                    names.extend([list.to_owned(), format!("{list}_count")]);
                }
            }
            Self::Case(block) => {
                names.extend(
                    block
                        .on
                        .iter()
                        .filter(|on| *on != "language_chosen")
                        .cloned(),
                );
                let arms = block.arms.iter().filter_map(|arm| arm.when.as_ref());
                names.extend(arms.flat_map(|when| when.names()).map(str::to_owned));
            }
            Self::Message(block) => names.extend(block.each.iter().map(|each| each.count.clone())),
            Self::Calculate(block) => {
                names.extend(block.value.names().into_iter().map(str::to_owned));
                names.push(block.saves.clone());
            }
            _ => {}
        }
        names
    }

    /// The name of the values that its choices come from, and where none of them leads.
    pub fn lists_values(&self) -> Option<(&str, &str)> {
        let (list, empty) = match self {
            Self::SelectOne(block) => (&block.list, &block.empty),
            Self::SelectMany(block) => (&block.list, &block.empty),
            _ => return None,
        };
        match (list, empty) {
            (Some(List::Values(name)), Some(empty)) => Some((name, empty)),
            _ => None,
        }
    }

    /// Keys of all texts that it shows.
    pub fn text_keys(&self) -> Vec<&str> {
        let mut keys = Vec::new();
        if let Self::Message(message) = self {
            keys.push(message.text.as_str());
            keys.extend(message.each.as_ref().map(|each| each.text.as_str()));
        }
        if let Some(ask) = self.ask() {
            keys.push(&ask.text);
            keys.extend(ask.zero.as_ref().map(|zero| zero.text.as_str()));
        }
        keys.extend(self.choices().iter().map(|choice| choice.text.as_str()));
        if let Self::Date(DateQuestion {
            recent: Some(recent),
            ..
        }) = self
        {
            keys.extend([recent.today.as_str(), recent.yesterday.as_str()]);
        }
        if let Self::Numeric(numeric) = self {
            keys.extend(numeric.unit.as_deref());
        }
        keys
    }
}
