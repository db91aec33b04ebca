//! As much of Thrift's compact protocol as it takes to look at headers before they are trusted.

/// How deep structs and lists may lie in each other; Parquet's own need less than ten levels.
const MAX_NESTING: usize = 32;

/// Most elements of one list. The longest that a footer has are its row groups and their columns.
const MAX_ELEMENTS: u64 = 1 << 20;

/// Types of fields and elements (Thrift compact protocol).
pub(super) mod kind {
    pub(crate) const BINARY: u8 = 8;
    pub(crate) const LIST: u8 = 9;
    pub(crate) const SET: u8 = 10;
    pub(crate) const MAP: u8 = 11;
    pub(crate) const STRUCT: u8 = 12;
}

/// Why no value can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes end before it does.
    Short,
    /// It is no such value.
    Wrong,
}

/// Reads values one after the other.
#[derive(Debug)]
pub(super) struct Thrift<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Thrift<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        let byte = *self.bytes.get(self.at).ok_or(Stop::Short)?;
        self.at += 1;
        Ok(byte)
    }

    fn jump(&mut self, length: u64) -> Result<(), Stop> {
        let rest = (self.bytes.len() - self.at) as u64;
        if length > rest {
            self.at = self.bytes.len();
            return Err(Stop::Short);
        }
        self.at += usize::try_from(length).map_err(|_| Stop::Wrong)?;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Stop::Wrong)
    }

    /// Reads an integer of any width.
    pub(super) fn integer(&mut self) -> Result<i64, Stop> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Reads what goes before a field: its number and type; `None` at the struct's end. `last`: the number of the field before.
    pub(super) fn field(&mut self, last: &mut i64) -> Result<Option<(i64, u8)>, Stop> {
        let byte = self.byte()?;
        if byte == 0 {
            return Ok(None);
        }
        let number = match byte >> 4 {
            0 => self.integer()?,
            delta => last.saturating_add(i64::from(delta)),
        };
        *last = number;
        Ok(Some((number, byte & 0x0F)))
    }

    /// Reads what goes before a list's elements: how many they are, and their type.
    pub(super) fn list(&mut self) -> Result<(u64, u8), Stop> {
        let byte = self.byte()?;
        let length = match byte >> 4 {
            15 => self.varint()?,
            length => u64::from(length),
        };
        if length > MAX_ELEMENTS {
            return Err(Stop::Wrong);
        }
        Ok((length, byte & 0x0F))
    }

    /// Reads over the value of a field.
    pub(super) fn skip(&mut self, kind: u8) -> Result<(), Stop> {
        self.skip_within(kind, false, 0)
    }

    fn skip_within(&mut self, kind: u8, is_element: bool, depth: usize) -> Result<(), Stop> {
        if depth > MAX_NESTING {
            return Err(Stop::Wrong);
        }
        match kind {
            // A field's type is its value; an element has a byte.
            1 | 2 => self.jump(u64::from(is_element)),
            3 => self.jump(1),
            4..=6 => self.varint().map(drop),
            7 => self.jump(8),
            kind::BINARY => {
                let length = self.varint()?;
                self.jump(length)
            }
            kind::LIST | kind::SET => {
                let (length, kind) = self.list()?;
                (0..length).try_for_each(|_| self.skip_within(kind, true, depth + 1))
            }
            kind::MAP => self.skip_map(depth),
            kind::STRUCT => {
                let mut last = 0;
                while let Some((_, kind)) = self.field(&mut last)? {
                    self.skip_within(kind, false, depth + 1)?;
                }
                Ok(())
            }
            13 => self.jump(16),
            _ => Err(Stop::Wrong),
        }
    }

    fn skip_map(&mut self, depth: usize) -> Result<(), Stop> {
        let length = self.varint()?;
        if length == 0 {
            return Ok(());
        }
        if length > MAX_ELEMENTS {
            return Err(Stop::Wrong);
        }
        let kinds = self.byte()?;
        for _ in 0..length {
            self.skip_within(kinds >> 4, true, depth + 1)?;
            self.skip_within(kinds & 0x0F, true, depth + 1)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_fields_and_skips_what_it_is_not_asked_for() {
        // 1: i32 = -2, 3: list of two binaries, 4: true, 20: i64 = 300.
        let bytes = [0x15, 0x03, 0x29, 0x28, 1, b'a', 0, 0x11, 0x06, 40, 0xD8, 0x04, 0];
        let mut thrift = Thrift::new(&bytes);
        let mut last = 0;
        assert_eq!(thrift.field(&mut last), Ok(Some((1, 5))));
        assert_eq!(thrift.integer(), Ok(-2));
        for expected in [(3, kind::LIST), (4, 1)] {
            assert_eq!(thrift.field(&mut last), Ok(Some(expected)));
            assert_eq!(thrift.skip(expected.1), Ok(()));
        }
        assert_eq!(thrift.field(&mut last), Ok(Some((20, 6))));
        assert_eq!(thrift.integer(), Ok(300));
        assert_eq!(thrift.field(&mut last), Ok(None));
        assert_eq!(thrift.position(), bytes.len());
    }

    #[test]
    fn stops_at_the_end_and_at_what_cannot_be() {
        assert_eq!(Thrift::new(&[0x18, 5, b'a']).skip(kind::STRUCT), Err(Stop::Short));
        assert_eq!(Thrift::new(&[0x1E]).skip(kind::STRUCT), Err(Stop::Wrong));
        let endless_list = [0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        assert_eq!(Thrift::new(&endless_list).skip(kind::LIST), Err(Stop::Wrong));
        assert_eq!(Thrift::new(&[0x19; 1000]).skip(kind::LIST), Err(Stop::Wrong));
    }
}
