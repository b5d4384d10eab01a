//! Work that one entity of the firm delivers for another.
