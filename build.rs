//! Has cargo look at the folders whose files are embedded: a file that is added there would else go unnoticed.

#[expect(clippy::print_stdout, reason = "this is how a build script talks to cargo")]
fn main() {
    println!("cargo:rerun-if-changed=static");
    println!("cargo:rerun-if-changed=templates");
}
