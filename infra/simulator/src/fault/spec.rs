use std::str::FromStr;

use super::storm::Storm;
use super::{Broken, Fault, Faults};
use crate::SimulatorError;

const FORMS: &str = "write STATUS:N%, reset:N%, reset-after:N%, stall:N%, slow:N%, cut:N%, chunks:N%, length:N%, html:N%, garbage:N%, \
    huge:N%, storm:STATUS:5s/20s, retry-after:SECONDS or seed:N";

impl FromStr for Faults {
    type Err = SimulatorError;

    /// Reads the text of `--fail`: parts between commas, blanks around them ignored. Empty text orders no failures.
    ///
    /// # Errors
    /// [`SimulatorError::BadFault`] names the first part that cannot be read, or that takes the sum past 100%.
    fn from_str(text: &str) -> Result<Faults, SimulatorError> {
        let mut faults = Faults::default();
        if text.trim().is_empty() {
            return Ok(faults);
        }
        for part in text.split(',').map(str::trim) {
            faults.order(part).map_err(|problem| SimulatorError::BadFault {
                part: part.to_owned(),
                problem,
            })?;
        }
        Ok(faults)
    }
}

impl Faults {
    fn order(&mut self, part: &str) -> Result<(), String> {
        let (name, amount) = part.split_once(':').ok_or(FORMS)?;
        match (name.trim(), amount.trim()) {
            ("seed", number) => self.seed = whole(number, "a seed is a whole number from 0, as in seed:7")?,
            ("retry-after", number) => {
                self.retry_after = whole(number, "a wait is a whole number of seconds, as in retry-after:5")?;
            }
            ("storm", _) if self.storm.is_some() => return Err("it is ordered twice; give one storm".to_owned()),
            ("storm", stretch) => self.storm = Some(Storm::read(stretch, status)?),
            (name, share) => self.share(kind(name)?, percent(share)?)?,
        }
        Ok(())
    }

    fn share(&mut self, fault: Fault, share: f64) -> Result<(), String> {
        if self.shares.iter().any(|&(ordered, _)| ordered == fault) {
            return Err("it is ordered twice; give each fault one share".to_owned());
        }
        let sum = share + self.shares.iter().map(|&(_, share)| share).sum::<f64>();
        if sum > 100.0 {
            return Err(format!("with it the shares add up to {sum}%; they must not pass 100%"));
        }
        self.shares.push((fault, share));
        Ok(())
    }
}

fn kind(name: &str) -> Result<Fault, String> {
    match name {
        "reset" => Ok(Fault::Reset),
        "reset-after" => Ok(Fault::ResetAfter),
        "stall" => Ok(Fault::Stall),
        "slow" => Ok(Fault::Slow),
        "cut" => Ok(Fault::Broken(Broken::Cut)),
        "chunks" => Ok(Fault::Broken(Broken::Chunks)),
        "length" => Ok(Fault::Broken(Broken::Length)),
        "html" => Ok(Fault::Broken(Broken::Html)),
        "garbage" => Ok(Fault::Broken(Broken::Garbage)),
        "huge" => Ok(Fault::Broken(Broken::Huge)),
        _ if name.bytes().all(|byte| byte.is_ascii_digit()) => status(name).map(Fault::Status),
        _ => Err(FORMS.to_owned()),
    }
}

/// Statuses below 300 would tell the client that the request was taken, which a failed one is not.
fn status(name: &str) -> Result<u16, String> {
    let status = name.parse().ok().filter(|status| (300..=599).contains(status));
    status.ok_or_else(|| "a status to fail with is from 300 to 599".to_owned())
}

fn percent(share: &str) -> Result<f64, String> {
    let number = share.strip_suffix('%').and_then(|number| number.trim().parse().ok());
    let share = number.filter(|share| (0.0..=100.0).contains(share));
    share.ok_or_else(|| "a share is from 0% to 100%, as in 503:20%".to_owned())
}

fn whole(number: &str, problem: &str) -> Result<u64, String> {
    number.parse().map_err(|_| problem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(shares: &[(Fault, f64)], seed: u64, retry_after: u64) -> Faults {
        Faults {
            shares: shares.to_vec(),
            storm: None,
            seed,
            retry_after,
        }
    }

    #[test]
    fn reads_every_form() {
        let table = [
            ("", faults(&[], 1, 1)),
            ("  ", faults(&[], 1, 1)),
            ("503:20%", faults(&[(Fault::Status(503), 20.0)], 1, 1)),
            ("429:0.5% , retry-after:9", faults(&[(Fault::Status(429), 0.5)], 1, 9)),
            (
                "reset:2%,reset-after:2%,stall:1%,slow:10%,seed:42",
                faults(
                    &[
                        (Fault::Reset, 2.0),
                        (Fault::ResetAfter, 2.0),
                        (Fault::Stall, 1.0),
                        (Fault::Slow, 10.0),
                    ],
                    42,
                    1,
                ),
            ),
            (
                "460:60%,500:40%",
                faults(&[(Fault::Status(460), 60.0), (Fault::Status(500), 40.0)], 1, 1),
            ),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<Faults>().unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn reads_storms_and_broken_answers() {
        for text in ["storm:429:5s/20s", "storm:503:50/200 , 500:1%", "storm:429:7s/7s"] {
            assert!(!text.parse::<Faults>().unwrap().is_empty(), "{text}");
        }
        let shares = [
            Broken::Cut,
            Broken::Chunks,
            Broken::Length,
            Broken::Html,
            Broken::Garbage,
            Broken::Huge,
        ]
        .map(|broken| (Fault::Broken(broken), 1.0));
        let text = "cut:1%,chunks:1%,length:1%,html:1%,garbage:1%,huge:1%";
        assert_eq!(text.parse::<Faults>().unwrap(), faults(&shares, 1, 1));
    }

    #[test]
    fn names_the_part_that_is_wrong() {
        let table = [
            ("503", "\"503\": write STATUS:N%"),
            ("503:20%,", "\"\": write STATUS:N%"),
            ("503:20", "\"503:20\": a share is from 0% to 100%"),
            ("503:-1%", "\"503:-1%\": a share is from 0% to 100%"),
            ("503:NaN%", "\"503:NaN%\": a share is from 0% to 100%"),
            ("503:101%", "\"503:101%\": a share is from 0% to 100%"),
            (
                "reset:60%,stall:50%",
                "\"stall:50%\": with it the shares add up to 110%",
            ),
            ("503:1%,503:2%", "\"503:2%\": it is ordered twice"),
            ("200:5%", "\"200:5%\": a status to fail with is from 300 to 599"),
            ("99999:5%", "\"99999:5%\": a status to fail with is from 300 to 599"),
            (":5%", "\":5%\": a status to fail with is from 300 to 599"),
            ("crash:5%", "\"crash:5%\": write STATUS:N%"),
            ("storm:429", "\"storm:429\": a storm is a status and"),
            ("storm:429:5s/20", "\"storm:429:5s/20\": a storm is a status and"),
            ("storm:429:0/20", "\"storm:429:0/20\": a storm is a status and"),
            ("storm:200:1/2", "\"storm:200:1/2\": a status to fail with"),
            ("storm:429:3/2", "\"storm:429:3/2\": a storm is no longer"),
            ("storm:429:1/2,storm:503:1/2", "\"storm:503:1/2\": it is ordered twice"),
            ("seed:x", "\"seed:x\": a seed is a whole number"),
            (
                "retry-after:-1",
                "\"retry-after:-1\": a wait is a whole number of seconds",
            ),
        ];
        for (text, expected) in table {
            let error = text.parse::<Faults>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("cannot read fault {expected}")),
                "{text}: {error}"
            );
        }
    }
}
