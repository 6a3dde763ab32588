//! Requests as clients send them: beacons, wrong methods, slow and hostile ones, codes.

mod beacons;
mod codes;
mod encodings;
mod hostile;
mod hostile_landing;
mod hostile_values;
mod methods;
mod slow;
