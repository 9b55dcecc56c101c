// All of FlashFlood's public interface but flashflood/arrow.h, which declares structures of Arrow.
#pragma once

#include "flashflood/error.h"     // IWYU pragma: export
#include "flashflood/event.h"     // IWYU pragma: export
#include "flashflood/flood.h"     // IWYU pragma: export
#include "flashflood/jmespath.h"  // IWYU pragma: export
#include "flashflood/replay.h"    // IWYU pragma: export
#include "flashflood/reports.h"   // IWYU pragma: export
#include "flashflood/s3.h"        // IWYU pragma: export
