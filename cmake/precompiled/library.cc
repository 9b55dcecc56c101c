// A target needs a source: this one carries the precompiled header.
#include "library.h"
