// S3 options and credentials, for flashflood.open and read_split.
#include "s3.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include "arguments.h"
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

void make_credentials(S3Credentials* self, nb::handle access_key_id, nb::handle secret_access_key,
                      nb::handle session_token, nb::handle expires) {
  S3Credentials credentials{text_argument(access_key_id, "access_key_id"),
                            text_argument(secret_access_key, "secret_access_key")};
  set_option(credentials.session_token, session_token, "session_token");
  if (const auto date = optional_timestamp(expires, "expires"))
    credentials.expires = std::chrono::floor<std::chrono::seconds>(*date);
  new (self) S3Credentials(std::move(credentials));
}

std::optional<bool> optional_flag(nb::handle given, const char* name) {
  if (given.is_none()) return std::nullopt;
  return flag_argument(given, name);
}

S3Options options_of(nb::handle endpoint, nb::handle region, nb::handle addressing,
                     nb::handle profile, nb::handle anonymous, nb::handle ca_bundle,
                     nb::handle verify_tls, nb::handle sse_c_key) {
  S3Options options;
  set_option(options.endpoint, endpoint, "endpoint");
  set_option(options.region, region, "region");
  set_option(options.addressing, addressing, "addressing");
  set_option(options.profile, profile, "profile");
  options.anonymous = optional_flag(anonymous, "anonymous");
  set_option(options.ca_bundle, ca_bundle, "ca_bundle");
  options.verify_tls = optional_flag(verify_tls, "verify_tls");
  set_option(options.sse_c_key, sse_c_key, "sse_c_key");
  return options;
}

void make_options(HeldS3Options* self, nb::handle endpoint, nb::handle region,
                  nb::handle addressing, nb::handle profile, nb::handle anonymous,
                  nb::object credentials, nb::handle ca_bundle, nb::handle verify_tls,
                  nb::handle sse_c_key) {
  HeldS3Options held{options_of(endpoint, region, addressing, profile, anonymous, ca_bundle,
                                verify_tls, sse_c_key),
                     {}};
  give_credentials(held, std::move(credentials));
  new (self) HeldS3Options(std::move(held));
}

// What is given, but for secrets: those are of this place, and another has its own.
nb::dict state_of(const HeldS3Options& held) {
  const S3Options& options = held.options;
  nb::dict given;
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) given[name] = value;
  };
  text("endpoint", options.endpoint);
  text("region", options.region);
  text("addressing", options.addressing);
  text("profile", options.profile);
  if (options.anonymous) given["anonymous"] = *options.anonymous;
  text("ca_bundle", options.ca_bundle);
  if (options.verify_tls) given["verify_tls"] = *options.verify_tls;
  return given;
}

void set_state(HeldS3Options& self, const nb::dict& state) {
  const auto given = [&](const char* name) {
    return state.contains(name) ? nb::object(state[name]) : nb::none();
  };
  new (&self) HeldS3Options{
      options_of(given("endpoint"), given("region"), given("addressing"), given("profile"),
                 given("anonymous"), given("ca_bundle"), given("verify_tls"), nb::none()),
      {}};
}

std::string represent(const HeldS3Options& held) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const auto& [name, value] : state_of(held))
    add(nb::cast<std::string>(name) + "=" + nb::cast<std::string>(nb::repr(value)));
  if (held.options.credentials) add("credentials=...");
  if (!held.options.sse_c_key.empty()) add("sse_c_key=...");
  return "S3Options(" + text + ")";
}

}  // namespace

void bind_s3(nb::module_& module) {
  nb::class_<S3Credentials>(module, "S3Credentials",
                            "Keys of a bucket. Its repr shows no secret, and it is not pickled.")
      .def("__init__", &make_credentials, nb::arg("access_key_id").none(),
           nb::arg("secret_access_key").none(), nb::arg("session_token").none() = nb::none(),
           nb::arg("expires").none() = nb::none(),
           nb::sig("def __init__(self, access_key_id: str, secret_access_key: str, "
                   "session_token: str | None = None, "
                   "expires: datetime.datetime | str | None = None) -> None"),
           R"(Keys as the store has issued them.

session_token: of temporary ones. Default: none.
expires: when they end, as a datetime (a naive one is UTC) or RFC 3339 text. Default: never.)")
      .def("__repr__", [](const S3Credentials& self) {
        return "S3Credentials(access_key_id='" + self.access_key_id + "', ...)";
      });
  nb::class_<CredentialsHolder>(module, "_CredentialsHolder", nb::type_slots(holder_slots));
  nb::class_<HeldS3Options>(
      module, "S3Options", nb::type_slots(traversed_slots<HeldS3Options>()),
      "How a bucket is reached; what is left out is as the environment and the "
      "profiles of the AWS tools say. Pickled without credentials and "
      "without sse_c_key.")
      .def("__init__", &make_options, nb::kw_only(), nb::arg("endpoint").none() = nb::none(),
           nb::arg("region").none() = nb::none(), nb::arg("addressing").none() = nb::none(),
           nb::arg("profile").none() = nb::none(), nb::arg("anonymous").none() = nb::none(),
           nb::arg("credentials").none() = nb::none(), nb::arg("ca_bundle").none() = nb::none(),
           nb::arg("verify_tls").none() = nb::none(), nb::arg("sse_c_key").none() = nb::none(),
           nb::sig("def __init__(self, *, endpoint: str | None = None, region: str | None = None, "
                   "addressing: str | None = None, profile: str | None = None, "
                   "anonymous: bool | None = None, "
                   "credentials: S3Credentials | Callable[[], S3Credentials] | None = None, "
                   "ca_bundle: str | None = None, verify_tls: bool | None = None, "
                   "sse_c_key: str | None = None) -> None"),
           R"(What is left out is as the environment and the profiles of the AWS tools say.

endpoint: "https://host" or "http://host:port".
region: such as "eu-west-1".
addressing: "path", "virtual" or "auto".
profile: one of the files of the AWS tools.
anonymous: requests without a signature, for what is public.
credentials: S3Credentials, or a function that returns some, which is called when they are needed
    and again before they expire.
ca_bundle: a file of trusted certificates (PEM).
verify_tls: whether certificates are checked.
sse_c_key: 32 bytes in base64, with which the server encrypts objects, and which it does not keep.)")
      .def("__repr__", &represent)
      .def("__getstate__", &state_of)
      .def("__setstate__", &set_state);
}

}  // namespace flashflood::python
