//! Faults around the program: a full queue, a full disk, files it may not write or cannot read, a clock that is
//! set back. Nothing that was answered is lost, nothing that is lost is answered, and the pages say why.

mod clicks;
mod clock;
mod derived;
mod disk;
mod files;
mod flood;
mod missing;
mod queue;
mod readers;
mod reading;
mod unheard;
mod wal;
