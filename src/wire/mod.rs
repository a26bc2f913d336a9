//! The JSON shapes that cross the border.
