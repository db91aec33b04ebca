use std::time::Duration;

const FORMS: &str = "a storm is a status and how much of what it takes, as in storm:429:5s/20s or storm:503:50/200";

/// A stretch at the end of each period in which every request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Storm {
    status: u16,
    unit: Unit,
    raging: u64,
    period: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    Requests,
}

impl Storm {
    /// Reads what follows `storm:`, with `status` for its first part.
    pub(super) fn read(text: &str, status: fn(&str) -> Result<u16, String>) -> Result<Storm, String> {
        let (code, stretch) = text.split_once(':').ok_or(FORMS)?;
        let (raging, period) = stretch.split_once('/').ok_or(FORMS)?;
        let (raging, period) = (raging.trim(), period.trim());
        let (unit, raging, period) = match (raging.strip_suffix('s'), period.strip_suffix('s')) {
            (Some(raging), Some(period)) => (Unit::Seconds, raging, period),
            (None, None) => (Unit::Requests, raging, period),
            _ => return Err(FORMS.to_owned()),
        };
        let number = |text: &str| text.parse().ok().filter(|number| *number > 0).ok_or(FORMS);
        let storm = Storm {
            status: status(code.trim())?,
            unit,
            raging: number(raging)?,
            period: number(period)?,
        };
        if storm.raging > storm.period {
            return Err("a storm is no longer than its period".to_owned());
        }
        Ok(storm)
    }

    /// The status of the request that comes now, the `number`th from 0, if the storm rages.
    pub(super) fn strikes(self, number: u64, now: Duration) -> Option<u16> {
        let at = match self.unit {
            Unit::Seconds => now.as_secs(),
            Unit::Requests => number,
        };
        (at % self.period >= self.period - self.raging).then_some(self.status)
    }
}
