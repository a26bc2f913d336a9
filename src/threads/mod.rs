//! What a side conversation asked and answered, and what it left hanging.
