// S3 options and credentials, for flashflood.open and read_split.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include "bindings.h"
#include "convert.h"

namespace flashflood::python {

namespace {

// A Python object that threads of the library let go of.
std::shared_ptr<nb::object> shared_object(nb::object object) {
  return {new nb::object(std::move(object)), [](nb::object* held) {
            if (!Py_IsInitialized()) return;  // it went with the interpreter
            const nb::gil_scoped_acquire acquired;
            delete held;
          }};
}

// A copy of the credentials that a callable returns. Its error, with the name of its class, becomes
// the message of another: the library takes it to where the credentials were needed.
std::function<S3Credentials()> credentials_of(nb::object given) {
  if (given.is_none()) return {};
  if (nb::isinstance<S3Credentials>(given))
    return [credentials = nb::cast<S3Credentials>(given)] { return credentials; };
  if (!PyCallable_Check(given.ptr()))
    nb::raise_type_error("credentials are S3Credentials, or a function that returns some, not %s",
                         Py_TYPE(given.ptr())->tp_name);
  return [callback = shared_object(std::move(given))] {
    const nb::gil_scoped_acquire acquired;
    try {
      const nb::object credentials = (*callback)();
      if (nb::isinstance<S3Credentials>(credentials)) return nb::cast<S3Credentials>(credentials);
      throw std::runtime_error(std::string("the function returned ") +
                               Py_TYPE(credentials.ptr())->tp_name + " instead of S3Credentials");
    } catch (const nb::python_error& error) {
      throw std::runtime_error(nb::cast<std::string>(error.type().attr("__name__")) + ": " +
                               nb::cast<std::string>(nb::str(error.value())));
    }
  };
}

void make_credentials(S3Credentials* self, std::string access_key_id, std::string secret_access_key,
                      std::optional<std::string> session_token, nb::handle expires) {
  S3Credentials credentials{std::move(access_key_id), std::move(secret_access_key),
                            session_token.value_or("")};
  if (const auto date = optional_timestamp(expires, "expires"))
    credentials.expires = std::chrono::floor<std::chrono::seconds>(*date);
  new (self) S3Credentials(std::move(credentials));
}

void make_options(S3Options* self, std::optional<std::string> endpoint,
                  std::optional<std::string> region, std::optional<std::string> addressing,
                  std::optional<std::string> profile, std::optional<bool> anonymous,
                  nb::object credentials, std::optional<std::string> ca_bundle,
                  std::optional<bool> verify_tls, std::optional<std::string> sse_c_key) {
  S3Options options;
  options.endpoint = endpoint.value_or("");
  options.region = region.value_or("");
  options.addressing = addressing.value_or("");
  options.profile = profile.value_or("");
  options.anonymous = anonymous;
  options.credentials = credentials_of(std::move(credentials));
  options.ca_bundle = ca_bundle.value_or("");
  options.verify_tls = verify_tls;
  options.sse_c_key = sse_c_key.value_or("");
  new (self) S3Options(std::move(options));
}

}  // namespace

void bind_s3(nb::module_& module) {
  nb::class_<S3Credentials>(module, "S3Credentials", "Keys of a bucket. Its repr shows no secret.")
      .def("__init__", &make_credentials, nb::arg("access_key_id"), nb::arg("secret_access_key"),
           nb::arg("session_token") = nb::none(), nb::arg("expires") = nb::none())
      .def("__repr__", [](const S3Credentials& self) {
        return "S3Credentials(access_key_id='" + self.access_key_id + "', ...)";
      });
  nb::class_<S3Options>(module, "S3Options",
                        "How a bucket is reached; what is left out is as the environment and the "
                        "profiles of the AWS tools say.")
      .def("__init__", &make_options, nb::kw_only(), nb::arg("endpoint") = nb::none(),
           nb::arg("region") = nb::none(), nb::arg("addressing") = nb::none(),
           nb::arg("profile") = nb::none(), nb::arg("anonymous") = nb::none(),
           nb::arg("credentials") = nb::none(), nb::arg("ca_bundle") = nb::none(),
           nb::arg("verify_tls") = nb::none(), nb::arg("sse_c_key") = nb::none());
}

}  // namespace flashflood::python
