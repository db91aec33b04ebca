//! Checkpoints: what became of the rows so far, written while the job goes on, so that whoever carries it out after this sender died
//! begins there.

use super::landing::within;
use super::{Pipeline, Stop};
use crate::SendError;
use crate::chain::{self, Settled};
use crate::refused::MAX_WAITING_ROWS;
use ledger::Outcome;

impl Pipeline<'_> {
    /// Whether so many calls were taken by the API since the last checkpoint that there should be another one.
    pub(super) fn is_checkpoint_due(&self) -> bool {
        // Compressed text is read from its beginning for the rows that were refused: that is worth waiting for more of them.
        let is_dear = !self.refused.is_empty() && self.part.layout.compression.is_some();
        self.account.taken() >= self.context.options.checkpoint_calls
            && (!is_dear || self.account.waiting() >= MAX_WAITING_ROWS)
    }

    /// Ends the part before the first row that lacks a fate, and goes on as the next part. Batches stay under way and reading goes on
    /// where it is; only where most of the calls that were taken are behind such a row, that one is waited for.
    ///
    /// There is no job object of the next part: S3 would hand it to a second sender. Whoever carries out this job after this
    /// sender finds the outcome.
    pub(super) async fn checkpoint(&mut self, read: u64) -> Result<Option<Stop>, SendError> {
        within(self.land_by(), self.catch_up()).await?;
        let rest = self.account.rest(&self.part.chunk);
        if self.account.rows() == 0 || rest.start >= rest.end {
            return Ok(None);
        }
        let work = self.account.close_part(read)?;
        let ended = |work| Outcome::continued(&self.part, rest, work);
        let outcome = match chain::settle(self.context, &self.part, work, ended).await {
            Ok(Settled::Here(outcome)) => outcome,
            Ok(Settled::Elsewhere(_)) => return Ok(Some(Stop::Overtaken)),
            Err(error) => return Ok(Some(Stop::Unwritten(error))),
        };
        tracing::debug!(part = %self.part.job_part(), rows = outcome.work.rows, "checkpoint");
        if let Some(next) = outcome.next_part(&self.part) {
            self.part = next;
        }
        self.has_settled = true;
        Ok(None)
    }

    /// Waits until half of what was taken is before the first row that lacks a fate, or nothing is under way any more.
    async fn catch_up(&mut self) -> Result<(), SendError> {
        while self.account.ahead() > self.context.options.checkpoint_calls / 2 {
            if self.refused.is_empty() {
                let Some(landed) = self.flights.land().await? else {
                    return Ok(());
                };
                self.settle(landed)?;
            } else {
                self.reject_refused().await?;
            }
        }
        Ok(())
    }
}
