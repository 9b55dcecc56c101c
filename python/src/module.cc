// flashflood._native: the C++ library in Python. What users see of it is in flashflood/__init__.py.
#include "bindings.h"
#include "waiting.h"

namespace flashflood::python {

namespace {

// Gives functions a __signature__, which inspect.signature asks for and nanobind has not. Their
// types take no new attributes but by this way; they are this module's own (NB_DOMAIN).
void set_signature(nb::handle type, nb::handle property) {
  auto* const object = reinterpret_cast<PyTypeObject*>(type.ptr());
  if (PyDict_SetItemString(object->tp_dict, "__signature__", property.ptr()) != 0)
    nb::raise_python_error();
  PyType_Modified(object);
}

void bind_signatures(nb::module_& module) {
  const nb::object signature = nb::module_::import_("flashflood._signatures").attr("signature_of");
  const nb::object property = nb::module_::import_("builtins").attr("property")(signature);
  const nb::object method = module.attr("Flood").attr("put");
  const nb::object bound = method.attr("__get__")(module, module.type());
  for (const nb::object& function : {nb::object(module.attr("open")), method, bound})
    set_signature(function.type(), property);
}

}  // namespace

}  // namespace flashflood::python

NB_MODULE(_native, module) {
  using namespace flashflood::python;
  watch_process();
  begin_log();
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
  bind_signatures(module);
}
