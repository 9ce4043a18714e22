//! To come in this part.
