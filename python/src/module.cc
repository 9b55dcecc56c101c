// flashflood._native: the C++ library in Python. What users see of it is in flashflood/__init__.py.
#include "bindings.h"
#include "waiting.h"

NB_MODULE(_native, module) {
  using namespace flashflood::python;
  watch_process();
  bind_errors(module);
  bind_event(module);
  bind_reports(module);
  bind_s3(module);
  bind_recorder(module);
  bind_replay(module);
  bind_flood(module);
}
