//! Configuration: layers, validation, warnings.
