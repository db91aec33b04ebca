//! A folder with a sync document and an extract, and the program run in it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::S3Server;
use tempfile::TempDir;

/// A sync of users by `id`, from `users.csv`, with one identify mapping.
pub(crate) const SYNC: &str = r#"sync: users
source:
  extract: users.csv
  id: id
  types: {age: number}
destination:
  write_key: {env: BACKHAUL_TEST_KEY}
mappings:
  - name: identify-user
    action: identify
    fields:
      user_id: {"@path": "$.properties.id"}
      traits: {"@path": "$.properties"}
"#;

/// Whether what is expected is to be written anew: `UPDATE_GOLDEN=1`.
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the program")]
pub(crate) fn updates_golden() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

pub(crate) struct Bench {
    folder: TempDir,
}

/// `backhaul sink` as a server; ends with its test.
pub(crate) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a run of the program left.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) said: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        bench.write("sync.yaml", SYNC);
        bench.write("users.csv", "id,name,age\n1,Ada,36\n2,Grace,45\n");
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Changes the sync document.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("sync.yaml")).unwrap();
        assert!(text.contains(from), "{from}");
        self.write("sync.yaml", text.replace(from, to));
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backhaul"));
        command
            .args(words)
            .current_dir(self.folder.path())
            .env_remove("BACKHAUL_BUCKET")
            .env("BACKHAUL_TEST_KEY", "test-write-key");
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        Ran::of(&self.command(words).output().unwrap())
    }

    /// Runs the program with S3 on this machine.
    pub(crate) fn run_with(&self, s3: &S3Server, words: &[&str]) -> Ran {
        let mut command = self.command(words);
        command
            .env("AWS_ENDPOINT_URL", s3.url())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test");
        Ran::of(&command.output().unwrap())
    }

    /// Copies the ledger that a sync left here into a bucket.
    pub(crate) fn copy_ledger(&self, s3: &S3Server, bucket: &str) {
        let root = self.path(".backhaul");
        for file in files(&root) {
            let key = file.strip_prefix(&root).unwrap().to_str().unwrap();
            s3.write(bucket, key, fs::read(&file).unwrap(), Duration::ZERO).unwrap();
        }
    }

    /// Runs the sync into the sink `out`.
    pub(crate) fn sync(&self) -> Ran {
        self.run(&["--json", "sync", "sync.yaml", "--sink", "out"])
    }

    /// Starts `backhaul sink` on `port`, keeping events in `out`, and waits until it listens.
    pub(crate) fn serve(&self, port: u16) -> Server {
        let mut command = self.command(&["sink", "--port", &port.to_string(), "--out", "out"]);
        let server = Server(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }

    /// Returns the lines of a file as JSON; none if there is no file.
    pub(crate) fn lines(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Returns all rejected rows of the ledger.
    pub(crate) fn rejected(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for file in files(&self.path(".backhaul/rejected")) {
            let mut text = String::new();
            let mut decoder = flate2::read::GzDecoder::new(fs::File::open(file).unwrap());
            std::io::Read::read_to_string(&mut decoder, &mut text).unwrap();
            rows.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        }
        rows
    }
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Returns the answer: with `--json` there is exactly one line on stdout.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(
            self.out.lines().count(),
            1,
            "stdout: {}\nstderr: {}",
            self.out,
            self.said
        );
        serde_json::from_str(&self.out).unwrap()
    }
}

/// Returns a port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Returns all files below a folder, in the order of their paths.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
