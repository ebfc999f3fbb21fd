//! Layer 4: layers and models, compositions of operations; no derivative from here up.
