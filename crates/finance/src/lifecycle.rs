//! States of objects and the guards of their transitions.
