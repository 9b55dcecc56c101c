// flashflood._native: the C++ library in Python. What users see of it is in flashflood/__init__.py.
#include "bindings.h"
#include "waiting.h"

NB_MODULE(_native, module) {
  using namespace flashflood::python;
  watch_process();
  // A consumer of Arrow may hold a replay until after the end of the interpreter; that is no fault
  // to complain about to users.
  nb::set_leak_warnings(false);
  bind_waiting(module);
  bind_errors(module);
  bind_event(module);
  bind_reports(module);
  bind_s3(module);
  bind_recorder(module);
  bind_replay(module);
  bind_arrow(module);
  bind_flood(module);
  bind_tuples(module);
}
