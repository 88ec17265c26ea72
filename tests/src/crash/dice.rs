//! A small generator with a seed, so that a failure repeats.

/// Xorshift with 64 bits of state.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice for a seed; zero is taken as one, since zero would stay zero.
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `sides`; 0 when there is none.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.bits() % sides.max(1)
    }

    /// An index below `count`; 0 when there is none.
    pub fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.roll(u64::try_from(count).expect("64 bits"))).expect("below a usize")
    }

    /// Yes in half of the cases.
    pub fn coin(&mut self) -> bool {
        self.bits() & 0x100 != 0
    }
}
