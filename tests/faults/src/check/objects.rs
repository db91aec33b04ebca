//! Which run has which object, and how it is cut.

use ledger::Plan;

use super::Found;

impl Found<'_> {
    /// What is there in the end is in one plan; what was changed or taken away is in one at most. Retries have nothing of their own.
    pub(super) fn every_object_is_planned_once(&mut self, plans: &[Plan]) {
        let stays = self.world.bucket.extracts();
        for file in self.world.source.all_files() {
            let own = plans.iter().filter(|plan| plan.retry_of.is_none());
            let objects = own.flat_map(|plan| &plan.objects);
            let times = objects
                .filter(|object| object.key == file.key && object.etag == file.etag)
                .count();
            let mut of_file = stays
                .iter()
                .filter(|stay| stay.key == file.key && stay.etag == file.etag);
            let is_there = of_file.any(|stay| stay.until.is_none());
            if times > 1 || (times == 0 && is_there) {
                self.say(format!("{} {} is in {times} plans", file.key, file.etag));
            }
        }
    }

    /// Every row begins in one chunk of its object.
    pub(super) fn chunks_tile_their_objects(&mut self, plan: &Plan) {
        for object in plan.objects.iter().filter(|_| plan.retry_of.is_none()) {
            let Some(file) = self.world.source.file(&object.key, &object.etag) else {
                self.say(format!("{} {} was never put", object.key, object.etag));
                continue;
            };
            for row in &file.rows {
                let of_row = |chunk: &&extract::Chunk| (chunk.start..chunk.end).contains(&row.offset);
                let times = object.chunks.iter().filter(of_row).count();
                if times != 1 {
                    self.say(format!(
                        "run {}: row {} of {} is in {times} chunks",
                        plan.run, row.id, file.key
                    ));
                }
            }
        }
    }
}
