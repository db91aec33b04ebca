//! A bucket and a scheduler.

use std::sync::Arc;
use std::time::Duration;

use ledger::{Document, Plan, key};
use platform::{Aws, Objects, Stores, list_all};
use scheduler::{Context, Splitting, handle};
use serde_json::{Value, json};
use support::{Interposed, S3Server, users};

pub(crate) const BUCKET: &str = "acme-extracts";

/// A bucket that is ledger and extracts in one, and the scheduler over it.
pub(crate) struct Bucket {
    pub(crate) server: S3Server,
    pub(crate) ledger: Arc<dyn Objects>,
    pub(crate) calls: Arc<Interposed>,
    pub(crate) context: Context,
}

impl Bucket {
    pub(crate) async fn new(complete: &str) -> Self {
        let server = S3Server::start().await.unwrap();
        let document = format!(
            "sync: users\nsource: {{extract: s3://{BUCKET}/drop/, format: csv, complete: {complete}}}\n\
             destination: {{write_key: {{secret: test}}}}\n\
             mappings: [{{name: all, action: identify, fields: {{user_id: {{'@path': $.properties.id}}}}}}]\n"
        );
        server
            .write(BUCKET, "syncs/users.yaml", document, Duration::ZERO)
            .unwrap();
        let stores = Arc::new(Stores::new(Aws::at(&server.url(), "us-east-1", "test", "test")));
        let ledger = stores.open(&format!("s3://{BUCKET}")).unwrap();
        let calls = Interposed::new(Arc::clone(&ledger), |_| async {});
        let context = Context::new(stores, Arc::clone(&calls) as _, Splitting::default());
        Self {
            server,
            ledger,
            calls,
            context,
        }
    }

    pub(crate) fn put(&self, key: &str, body: &str) {
        self.server.write(BUCKET, key, body, Duration::ZERO).unwrap();
    }

    pub(crate) fn put_users(&self, keys: &[&str]) {
        for key in keys {
            self.put(key, &users(3));
        }
    }

    /// Tells of an object and returns the keys that the answer's runs have.
    pub(crate) async fn tell(&self, key: &str) -> Vec<Vec<String>> {
        let object = json!({"bucket": {"name": BUCKET}, "object": {"key": key}});
        self.handle(json!({ "detail": object })).await
    }

    pub(crate) async fn whole_pass(&self) -> Vec<Vec<String>> {
        self.handle(json!({"sync": "users"})).await
    }

    pub(crate) async fn handle(&self, event: Value) -> Vec<Vec<String>> {
        let answer = handle(&self.context, event).await.unwrap();
        let mut runs = Vec::new();
        for run in answer["runs"].as_array().unwrap() {
            runs.push(self.keys(run["plan"].as_str().unwrap()).await);
        }
        runs
    }

    pub(crate) async fn keys(&self, plan: &str) -> Vec<String> {
        let json = self.ledger.get(plan).await.unwrap().unwrap();
        let plan = Plan::read(plan, &json).unwrap();
        plan.objects.into_iter().map(|object| object.key).collect()
    }

    /// Returns the newest plan.
    pub(crate) async fn plan(&self) -> Plan {
        let sync = "users".parse().unwrap();
        let listed = list_all(&*self.ledger, "runs/").await.unwrap();
        let plans = listed
            .into_iter()
            .filter_map(|object| key::run_of_plan(&sync, &object.key));
        let key = key::plan(&sync, &plans.max().unwrap());
        Plan::read(&key, &self.ledger.get(&key).await.unwrap().unwrap()).unwrap()
    }

    /// Makes an object as old as if it had been written so long ago.
    pub(crate) fn age(&self, key: &str, age: Duration) {
        let body = self.server.read(BUCKET, key).unwrap();
        self.server.write(BUCKET, key, body, age).unwrap();
    }

    /// Returns what was written since this, or the calls, were last asked for, by key.
    pub(crate) fn writes(&self) -> Vec<(&'static str, String)> {
        let calls = self.calls.calls().into_iter();
        let writes = calls.filter(|call| ["create", "put"].contains(&call.method));
        let mut writes: Vec<(&str, String)> = writes.map(|call| (call.method, call.key)).collect();
        writes.sort();
        writes
    }

    /// Returns the objects of every plan, and checks that each has its jobs.
    pub(crate) async fn planned(&self) -> Vec<String> {
        let mut planned = Vec::new();
        let jobs = list_all(&*self.ledger, "jobs/identify/users/").await.unwrap();
        for object in list_all(&*self.ledger, "runs/").await.unwrap() {
            let Some(run) = key::run_of_plan(&"users".parse().unwrap(), &object.key) else {
                continue;
            };
            let keys = self.keys(&object.key).await;
            let jobs = jobs.iter().filter(|job| job.key.contains(&run.to_string()));
            assert_eq!(jobs.count(), keys.len());
            planned.extend(keys);
        }
        planned.sort();
        planned
    }
}
