// S3 options and credentials, for flashflood.open and read_split.
#include "s3.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include "convert.h"
#include "cycles.h"
#include "gil.h"

namespace flashflood::python {

namespace {

// The function that gives the credentials of a flood, as the library's threads find it; nothing
// when what held it is gone. Guarded by the GIL.
struct CredentialsSlot {
  PyObject* function = nullptr;
};

// Holds the function, for the options and for all that is opened with them, and can be traversed:
// the library itself holds no reference that the garbage collector would not know of.
class CredentialsHolder {
 public:
  explicit CredentialsHolder(nb::object function) : function_(std::move(function)) {
    slot_->function = function_.ptr();
  }
  ~CredentialsHolder() { clear(); }
  CredentialsHolder(const CredentialsHolder&) = delete;
  CredentialsHolder& operator=(const CredentialsHolder&) = delete;

  const std::shared_ptr<CredentialsSlot>& slot() const { return slot_; }
  std::array<nb::handle, 1> held() const { return {function_}; }
  void clear() {
    slot_->function = nullptr;
    const nb::object dropped = std::move(function_);
  }

 private:
  nb::object function_;
  const std::shared_ptr<CredentialsSlot> slot_ = std::make_shared<CredentialsSlot>();
};

int clear_holder(PyObject* self) {
  nb::inst_ptr<CredentialsHolder>(self)->clear();
  return 0;
}

PyType_Slot holder_slots[] = {
    {Py_tp_traverse, reinterpret_cast<void*>(traverse<CredentialsHolder>)},
    {Py_tp_clear, reinterpret_cast<void*>(clear_holder)},
    {0, nullptr},
};

std::string text_of(nb::handle object) {
  PyObject* const text = parking([&] { return PyObject_Str(object.ptr()); });
  if (text == nullptr) nb::raise_python_error();
  return nb::cast<std::string>(nb::steal(text));
}

// A copy of the credentials that the function returns. Its error, with the name of its class,
// becomes the message of another: the library takes it to where the credentials were needed.
S3Credentials ask(const CredentialsSlot& slot) {
  const GilAcquired acquired;
  acquired.check();
  if (slot.function == nullptr)
    throw std::runtime_error("the function that gives them is gone, with what it belonged to");
  const nb::object function = nb::borrow(slot.function);
  try {
    const nb::object credentials = call_python(function);
    if (nb::isinstance<S3Credentials>(credentials)) return nb::cast<S3Credentials>(credentials);
    throw std::runtime_error(std::string("the function returned ") +
                             Py_TYPE(credentials.ptr())->tp_name + " instead of S3Credentials");
  } catch (const nb::python_error& error) {
    throw std::runtime_error(nb::cast<std::string>(error.type().attr("__name__")) + ": " +
                             text_of(error.value()));
  }
}

// Puts the credentials that were given to the options.
void give_credentials(HeldS3Options& options, nb::object given) {
  if (given.is_none()) return;
  if (nb::isinstance<S3Credentials>(given)) {
    options.options.credentials = [credentials = nb::cast<S3Credentials>(given)] {
      return credentials;
    };
    return;
  }
  if (!PyCallable_Check(given.ptr()))
    nb::raise_type_error("credentials are S3Credentials, or a function that returns some, not %s",
                         Py_TYPE(given.ptr())->tp_name);
  options.credentials = nb::cast(std::make_unique<CredentialsHolder>(std::move(given)));
  const auto* const holder = nb::inst_ptr<CredentialsHolder>(options.credentials);
  options.options.credentials = [slot = holder->slot()] { return ask(*slot); };
}

void make_credentials(S3Credentials* self, std::string access_key_id, std::string secret_access_key,
                      std::optional<std::string> session_token, nb::handle expires) {
  S3Credentials credentials{std::move(access_key_id), std::move(secret_access_key),
                            session_token.value_or("")};
  if (const auto date = optional_timestamp(expires, "expires"))
    credentials.expires = std::chrono::floor<std::chrono::seconds>(*date);
  new (self) S3Credentials(std::move(credentials));
}

void make_options(HeldS3Options* self, std::optional<std::string> endpoint,
                  std::optional<std::string> region, std::optional<std::string> addressing,
                  std::optional<std::string> profile, std::optional<bool> anonymous,
                  nb::object credentials, std::optional<std::string> ca_bundle,
                  std::optional<bool> verify_tls, std::optional<std::string> sse_c_key) {
  HeldS3Options held;
  S3Options& options = held.options;
  options.endpoint = endpoint.value_or("");
  options.region = region.value_or("");
  options.addressing = addressing.value_or("");
  options.profile = profile.value_or("");
  options.anonymous = anonymous;
  options.ca_bundle = ca_bundle.value_or("");
  options.verify_tls = verify_tls;
  options.sse_c_key = sse_c_key.value_or("");
  give_credentials(held, std::move(credentials));
  new (self) HeldS3Options(std::move(held));
}

}  // namespace

void bind_s3(nb::module_& module) {
  nb::class_<S3Credentials>(module, "S3Credentials", "Keys of a bucket. Its repr shows no secret.")
      .def("__init__", &make_credentials, nb::arg("access_key_id"), nb::arg("secret_access_key"),
           nb::arg("session_token") = nb::none(), nb::arg("expires") = nb::none())
      .def("__repr__", [](const S3Credentials& self) {
        return "S3Credentials(access_key_id='" + self.access_key_id + "', ...)";
      });
  nb::class_<CredentialsHolder>(module, "_CredentialsHolder", nb::type_slots(holder_slots));
  nb::class_<HeldS3Options>(module, "S3Options", nb::type_slots(traversed_slots<HeldS3Options>()),
                            "How a bucket is reached; what is left out is as the environment and "
                            "the profiles of the AWS tools say.")
      .def("__init__", &make_options, nb::kw_only(), nb::arg("endpoint") = nb::none(),
           nb::arg("region") = nb::none(), nb::arg("addressing") = nb::none(),
           nb::arg("profile") = nb::none(), nb::arg("anonymous") = nb::none(),
           nb::arg("credentials") = nb::none(), nb::arg("ca_bundle") = nb::none(),
           nb::arg("verify_tls") = nb::none(), nb::arg("sse_c_key") = nb::none());
}

}  // namespace flashflood::python
