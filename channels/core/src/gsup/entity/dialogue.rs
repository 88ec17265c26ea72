//! The transition table of one USSD session of an own cell; docs/states/ussd-session.md shows it.
//!
//! A pure function, so that the page can be compared with it. What an act needs (texts, ids,
//! times) is in [`super`]; the hang-up of a phone is mostly invisible, so nothing waits for it.

/// Where a session stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum State {
    /// Not open: before, after, or unknown since our own restart.
    Closed,
    /// The home register is asked for the caller's number.
    Seeking,
    /// The node makes the next screen.
    Answering,
    /// The person reads a screen.
    Shown,
}

/// What happens to a session.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Input {
    /// BEGIN: the person dialled a code.
    Dialled,
    /// CONTINUE with an answer to our question.
    Typed,
    /// CONTINUE with an answer to no question of ours.
    Stray,
    /// A component or an alphabet that cannot be read.
    Unreadable,
    /// END, a return error or a reject: the phone does not go on.
    HungUp,
    /// `PROC_SS_ERROR`: the home register does not know the session any more.
    Gone,
    /// The same SIM dialled anew.
    Redialled,
    /// The caller's number is known.
    Numbered,
    /// The caller's SIM has no number that can be used.
    Numberless,
    /// The home register did not say.
    Unsaid,
    /// The node's screen waits for an answer.
    Asked,
    /// The node's screen is the last.
    Ended,
    /// The node could not commit.
    Busy,
    /// The state's time is over.
    TimedOut,
}

/// A sentence that the node gives beforehand, translated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sentence {
    /// This phone has no number yet.
    NoNumber,
    /// Try again in a few minutes.
    Busy,
    /// Dial again.
    Ended,
}

/// What is done about it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Ask for the number; what came is kept until then.
    LookUp,
    /// Hand the step to the node.
    Deliver,
    /// Send CONTINUE with the screen.
    Ask,
    /// Send END with the screen.
    End,
    /// Send END with a sentence.
    Refuse(Sentence),
    /// Send END with a return error; tell the node if it waits for an answer.
    Fault,
    /// Tell the node that nobody is there any more.
    Abort,
    /// Send END with [`Sentence::Ended`], and tell the node.
    Expire,
}

impl State {
    /// All states, in the order of the page.
    pub const ALL: [Self; 4] = [Self::Closed, Self::Seeking, Self::Answering, Self::Shown];
}

impl Input {
    /// All inputs, in the order of the page.
    pub const ALL: [Self; 14] = [
        Self::Dialled,
        Self::Typed,
        Self::Stray,
        Self::Unreadable,
        Self::HungUp,
        Self::Gone,
        Self::Redialled,
        Self::Numbered,
        Self::Numberless,
        Self::Unsaid,
        Self::Asked,
        Self::Ended,
        Self::Busy,
        Self::TimedOut,
    ];
}

/// What a session becomes, and what is done.
pub fn transition(state: State, input: Input) -> (State, Act) {
    match state {
        State::Closed => closed(input),
        State::Seeking => seeking(input),
        State::Answering => answering(input),
        State::Shown => shown(input),
    }
}

fn closed(input: Input) -> (State, Act) {
    match input {
        // An answer in a session that we do not know: it was open before our restart.
        Input::Dialled | Input::Typed => (State::Seeking, Act::LookUp),
        Input::Unreadable => (State::Closed, Act::Fault),
        _ => (State::Closed, Act::Nothing),
    }
}

fn seeking(input: Input) -> (State, Act) {
    match input {
        Input::Numbered => (State::Answering, Act::Deliver),
        Input::Numberless => (State::Closed, Act::Refuse(Sentence::NoNumber)),
        Input::Unsaid | Input::TimedOut => (State::Closed, Act::Refuse(Sentence::Busy)),
        Input::HungUp | Input::Gone | Input::Redialled => (State::Closed, Act::Nothing),
        _ => (State::Seeking, Act::Nothing),
    }
}

fn answering(input: Input) -> (State, Act) {
    match input {
        Input::Asked => (State::Shown, Act::Ask),
        Input::Ended => (State::Closed, Act::End),
        Input::Busy | Input::TimedOut => (State::Closed, Act::Refuse(Sentence::Busy)),
        Input::HungUp | Input::Gone => (State::Closed, Act::Abort),
        Input::Redialled => (State::Closed, Act::Nothing),
        _ => (State::Answering, Act::Nothing),
    }
}

fn shown(input: Input) -> (State, Act) {
    match input {
        Input::Typed => (State::Answering, Act::Deliver),
        Input::Unreadable => (State::Closed, Act::Fault),
        Input::HungUp | Input::Gone => (State::Closed, Act::Abort),
        Input::TimedOut => (State::Closed, Act::Expire),
        Input::Redialled => (State::Closed, Act::Nothing),
        _ => (State::Shown, Act::Nothing),
    }
}
