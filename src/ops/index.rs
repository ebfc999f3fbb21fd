//! Operations that pick numbers by position, and put them back.
