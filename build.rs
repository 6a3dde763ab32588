//! Has cargo look at the folders whose files are embedded: a file that is added there would else go unnoticed.

fn main() {
    println!("cargo:rerun-if-changed=static");
    println!("cargo:rerun-if-changed=templates");
}
