//! One line on a terminal that is written anew: how far something is. Without a terminal nothing is written.

use std::io::{IsTerminal, Write};

/// Wide enough for a state, narrow enough not to wrap, which could not be written over.
const WIDTH: usize = 76;

/// The line; dropping it removes it.
#[derive(Debug)]
pub struct ProgressLine {
    shown: bool,
}

impl ProgressLine {
    /// A line on standard error, if that is a terminal.
    pub fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal() }
    }

    /// Replaces the line.
    pub fn show(&self, text: &str) {
        self.write(&fitted(text));
    }

    fn write(&self, text: &str) {
        if self.shown {
            let mut stderr = std::io::stderr().lock();
            // A terminal that is gone is no reason to fail.
            let _ = write!(stderr, "\r\x1b[2K{text}").and_then(|()| stderr.flush());
        }
    }
}

impl Default for ProgressLine {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.write("");
    }
}

fn fitted(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WIDTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(fitted("a\nb\x1b[31mc"), "a b [31mc");
        assert_eq!(fitted(&"x".repeat(500)).len(), WIDTH);
    }
}
