//! Lambda's Runtime API, as far as one invocation goes, for the real binaries of the functions.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// What a function made of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It returned this.
    Response(Value),
    /// It failed with an error of this name (`errorType`).
    Error(String),
}

/// Starts the binary of a function as Lambda does, hands it one event and returns its answer.
///
/// # Errors
/// When it does not start, or answers otherwise than Lambda expects.
pub fn invoke(binary: &str, event: &Value) -> Result<Answer> {
    invoke_with(binary, &[], event)
}

/// As [`invoke`], with more variables in the function's environment.
///
/// # Errors
/// As [`invoke`].
pub fn invoke_with(binary: &str, variables: &[(&str, &str)], event: &Value) -> Result<Answer> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let _function = Function::start(binary, &listener.local_addr()?.to_string(), variables)?;
    let mut waiting = Vec::new();
    let mut event = Some(event.to_string());
    loop {
        let (stream, _) = listener.accept()?;
        let mut stream = BufReader::new(stream);
        while let Some(request) = Request::read(&mut stream)? {
            if request.path.ends_with("/invocation/next") {
                let Some(event) = event.take() else { break };
                hand_out(stream.get_mut(), &event)?;
            } else {
                return request.answer();
            }
        }
        // Asked for the next event: there is none, and the function waits with its connection open.
        waiting.push(stream);
    }
}

/// A function's process; ends with its test.
struct Function(Child);

impl Function {
    fn start(binary: &str, api: &str, variables: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(binary);
        command.env_clear().envs([
            ("AWS_LAMBDA_RUNTIME_API", api),
            ("AWS_LAMBDA_FUNCTION_NAME", "function"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "group"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
            ("AWS_REGION", "us-east-1"),
            ("BACKHAUL_BUCKET", "backhaul-test"),
        ]);
        command.envs(variables.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(
            command.spawn().with_context(|| format!("could not start {binary}"))?,
        ))
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn hand_out(stream: &mut TcpStream, event: &str) -> Result<()> {
    let head = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json",
        "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        "Lambda-Runtime-Deadline-Ms: 4102444800000",
        "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:function",
    ]
    .join("\r\n");
    Ok(write!(
        stream,
        "{head}\r\nContent-Length: {}\r\n\r\n{event}",
        event.len()
    )?)
}

struct Request {
    path: String,
    body: Vec<u8>,
}

impl Request {
    /// Returns the next request of a connection, or `None` at its end.
    fn read(stream: &mut BufReader<TcpStream>) -> Result<Option<Self>> {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let path = line.split(' ').nth(1).context("a request without path")?.to_owned();
        let mut length = Some(0);
        loop {
            let mut header = String::new();
            stream.read_line(&mut header)?;
            let header = header.trim_end().to_ascii_lowercase();
            match header.split_once(": ") {
                None => break,
                Some(("content-length", bytes)) => length = Some(bytes.parse()?),
                Some(("transfer-encoding", "chunked")) => length = None,
                Some(_) => {}
            }
        }
        let mut body = Vec::new();
        match length {
            Some(length) => {
                stream.take(length).read_to_end(&mut body)?;
            }
            None => while read_chunk(stream, &mut body)? {},
        }
        Ok(Some(Self { path, body }))
    }

    fn answer(&self) -> Result<Answer> {
        let body: Value = serde_json::from_slice(&self.body)?;
        if self.path.ends_with("/response") {
            return Ok(Answer::Response(body));
        }
        ensure!(self.path.ends_with("/error"), "a request to {}", self.path);
        match body["errorType"].as_str() {
            Some(name) => Ok(Answer::Error(name.to_owned())),
            None => bail!("an error without type: {body}"),
        }
    }
}

/// Reads one chunk of a chunked body and returns whether there may be more.
fn read_chunk(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> Result<bool> {
    let mut size = String::new();
    stream.read_line(&mut size)?;
    let size = u64::from_str_radix(size.trim(), 16)?;
    stream.take(size).read_to_end(body)?;
    stream.read_line(&mut String::new())?;
    Ok(size > 0)
}
