//! The real program as a process of its own, for what cannot be tried on the application inside a test: how it starts,
//! its exit status, and what becomes of it when the system refuses it something.

/// Several processes on one data directory.
mod processes;
/// It starts, answers, stops, and refuses what it cannot open.
mod start;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Resource, Rlimit, Signal};

/// The user "nobody", for tests that run as root: root may write everywhere.
const NOBODY: u32 = 65_534;

/// A running server. Dropping it kills it.
pub struct Program {
    child: Child,
    /// Where it answers: `http://127.0.0.1:...`.
    pub address: String,
}

impl Program {
    /// Starts it and waits until it says where it answers.
    pub fn start(directory: &Path) -> Self {
        Self::run(limitable(), directory, Stdio::piped())
    }

    /// The same, after a command of the shell that sets a limit.
    pub fn start_with(directory: &Path, limit: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!(r#"{limit}; exec "$0" "$@""#), env!("CARGO_BIN_EXE_pixeld")]);
        Self::run(command, directory, Stdio::piped())
    }

    /// The same, with a log that cannot be written, as a file on a full disk.
    pub fn start_unheard(directory: &Path) -> Self {
        let full: File = OpenOptions::new().write(true).open("/dev/full").unwrap();
        Self::run(limitable(), directory, full.into())
    }

    /// The same, as a user who is not root; the directory becomes that user's.
    pub fn start_as_nobody(directory: &Path) -> Self {
        let command = as_nobody(directory);
        Self::run(command, directory, Stdio::piped())
    }

    /// The same, with a library whose functions take the place of the system's, and a variable for that library.
    pub fn start_with_library(directory: &Path, library: &Path, variable: (&str, &Path)) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pixeld"));
        command.env("LD_PRELOAD", library).env(variable.0, variable.1);
        Self::run(command, directory, Stdio::piped())
    }

    fn run(mut command: Command, directory: &Path, log: Stdio) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0", "--workers", "1", "--data-dir"]).arg(directory);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        match said.find_map(|line| Some(line.unwrap().split_once("ready at ")?.1.to_owned())) {
            Some(address) => {
                // Nobody reads on, and so that it does not matter, the pipe stays open.
                std::mem::forget(said);
                Program { child, address }
            }
            None => {
                panic!("it did not start: {}", written(&mut child));
            }
        }
    }

    /// Where it answers.
    pub fn socket(&self) -> SocketAddr {
        self.address.trim_start_matches("http://").parse().unwrap()
    }

    /// Lets it make no file longer than this; none: as long as it likes.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = Rlimit { current: bytes, maximum: None };
        rustix::process::prlimit(Some(self.pid()), Resource::Fsize, limit).unwrap();
    }

    /// Tells it to stop, in the regular way, and waits until it has; returns what it wrote to its log.
    pub fn stop(mut self) -> String {
        rustix::process::kill_process(self.pid(), Signal::TERM).unwrap();
        let log = written(&mut self.child);
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {log}");
        log
    }

    /// The names of its threads.
    pub fn threads(&self) -> Vec<String> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        // One may end meanwhile.
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
        names.map(|name| name.trim().to_owned()).collect()
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program, where a write past the limit on a file's size is an error, and no signal.
fn limitable() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#, env!("CARGO_BIN_EXE_pixeld")]);
    command
}

/// The log of the program, up to its end.
fn written(child: &mut Child) -> String {
    let mut log = String::new();
    if let Some(mut from) = child.stderr.take() {
        from.read_to_string(&mut log).unwrap();
    }
    log
}

/// Runs a command on a directory to its end. Returns whether it succeeded, and all that it printed.
pub fn pixeld(directory: &Path, arguments: &str) -> (bool, String) {
    // A server that starts where it should refuse would go on for ever.
    let mut command = Command::new("timeout");
    command
        .args(["60", env!("CARGO_BIN_EXE_pixeld")])
        .args(arguments.split(' '))
        .arg("--data-dir")
        .arg(directory)
        .stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.success(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

/// Runs a command on a directory to its end, as a user who is not root.
pub fn fails(directory: &Path, args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = as_nobody(directory).args(args).arg(directory).output().unwrap();
    assert_eq!(String::from_utf8(stdout).unwrap(), "");
    (status.code(), String::from_utf8(stderr).unwrap().replace(&directory.display().to_string(), "DIR"))
}

fn as_nobody(directory: &Path) -> Command {
    use std::os::unix::fs::chown;
    use std::os::unix::process::CommandExt;
    let program = Path::new(env!("CARGO_BIN_EXE_pixeld"));
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    chown(directory, Some(NOBODY), Some(NOBODY)).unwrap();
    for file in std::fs::read_dir(directory).unwrap() {
        chown(file.unwrap().path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let mut command = Command::new(program);
    command.uid(NOBODY).gid(NOBODY);
    command
}
