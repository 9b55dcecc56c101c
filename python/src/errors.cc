// The library's exceptions become those of flashflood.exceptions.
#include "errors.h"

#include <cstring>
#include <exception>
#include <new>

#include "bindings.h"
#include "gil.h"

namespace flashflood::python {

namespace {

struct MappedClass {
  const char* name;  // in flashflood.exceptions
  bool (*is)(const Error& error);
  PyObject* type = nullptr;  // lives as long as the interpreter, as the module does
};

bool is_any(const Error&) { return true; }

template <typename Exception>
bool is(const Error& error) {
  return dynamic_cast<const Exception*>(&error) != nullptr;
}

// Derived classes stand before their bases.
MappedClass classes[] = {
    {"QueryError", is<QueryError>},
    {"InvalidArgument", is<InvalidArgument>},
    {"FlashFloodEventExistsError", is<EventExists>},
    {"FlashFloodEventNotFound", is<EventNotFound>},
    {"RevisionConflict", is<RevisionConflict>},
    {"FlashFloodJournalingError", is<JournalingConditionNotMet>},
    {"StoreUnavailable", is<StoreUnavailable>},
    {"StoreFull", is<StoreFull>},
    {"OutcomeUnknown", is<OutcomeUnknown>},
    {"Interrupted", is<Interrupted>},
    {"SnapshotExpired", is<SnapshotExpired>},
    {"PermissionDenied", is<PermissionDenied>},
    {"NotAFlood", is<NotAFlood>},
    {"UnsupportedFormat", is<UnsupportedFormat>},
    {"StoreUnsuitable", is<StoreUnsuitable>},
    {"CorruptData", is<CorruptData>},
    {"FlashFloodException", is_any},
};

const char* name_of(QueryError::Kind kind) {
  switch (kind) {
    case QueryError::Kind::syntax:
      return "syntax";
    case QueryError::Kind::unknown_function:
      return "unknown-function";
    case QueryError::Kind::invalid_arity:
      return "invalid-arity";
    case QueryError::Kind::invalid_type:
      return "invalid-type";
    case QueryError::Kind::invalid_value:
      return "invalid-value";
    case QueryError::Kind::limit:
      return "limit";
  }
  return "syntax";
}

// Messages may quote bytes of an id that is no UTF-8.
nb::object text_of(const char* message) {
  return nb::steal(PyUnicode_DecodeUTF8(message, static_cast<Py_ssize_t>(std::strlen(message)),
                                        "backslashreplace"));
}

void set_error(const Error& error) {
  for (const MappedClass& mapped : classes) {
    if (!mapped.is(error)) continue;
    const nb::object message = text_of(error.what());
    if (const auto* query = dynamic_cast<const QueryError*>(&error)) {
      nb::object column = nb::none();
      if (query->column() != QueryError::no_column) column = nb::int_(query->column());
      PyErr_SetObject(
          mapped.type,
          call_python(mapped.type, message, nb::str(name_of(query->kind())), column).ptr());
    } else {
      PyErr_SetObject(mapped.type, message.ptr());
    }
    return;
  }
}

}  // namespace

void set_python_error() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    set_error(error);
  } catch (nb::python_error& error) {
    error.restore();
  } catch (const nb::builtin_exception& error) {
    PyErr_SetString(error.type() == nb::exception_type::type_error    ? PyExc_TypeError
                    : error.type() == nb::exception_type::value_error ? PyExc_ValueError
                                                                      : PyExc_RuntimeError,
                    error.what());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
}

void bind_errors(nb::module_&) {
  const nb::module_ exceptions = nb::module_::import_("flashflood.exceptions");
  for (MappedClass& mapped : classes)
    mapped.type = nb::object(exceptions.attr(mapped.name)).release().ptr();
  nb::register_exception_translator([](const std::exception_ptr& exception, void*) {
    try {
      std::rethrow_exception(exception);
    } catch (const Error& error) {
      set_error(error);
    }
  });
}

}  // namespace flashflood::python
