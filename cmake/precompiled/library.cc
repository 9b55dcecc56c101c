// A target needs a source; this one carries the precompiled header of the library's layers.
