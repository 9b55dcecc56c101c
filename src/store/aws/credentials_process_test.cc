#include "store/aws/credentials_process.h"

#include <thread>

#include "base/stop.h"
#include "store/aws/test_credentials.h"

namespace flashflood {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

// A profile whose credential_process is a script of the shell, run for real.
class ProcessCredentials : public testing::Test {
 protected:
  void script(const std::string& text) {
    aws.home.write("get keys", text);
    aws.config("[default]\ncredential_process = sh \"" + (aws.home.path() / "get keys").string() +
               "\" --for 'a b' \"$HOME\" ; # not a comment\n");
  }
  std::string denied() {
    return failure<PermissionDenied>([&] { aws.get(); });
  }
  Surroundings aws;
};

TEST_F(ProcessCredentials, AreWhatTheProgramPrints) {
  script(
      "cat <<'END'\n"
      "{\"Version\": 1, \"AccessKeyId\": \"P\", \"SecretAccessKey\": \"SECRETP\",\n"
      " \"SessionToken\": \"SECRETT\", \"Expiration\": \"2026-01-01T01:00:00Z\"}\nEND\n");
  const Credentials credentials = aws.get();
  EXPECT_EQ(credentials.access_key_id, "P");
  EXPECT_EQ(credentials.secret_access_key, "SECRETP");
  EXPECT_EQ(credentials.session_token, "SECRETT");
  EXPECT_EQ(credentials.expires, parse_timestamp("2026-01-01T01:00:00Z"));
}

TEST_F(ProcessCredentials, ProgramGetsItsWordsAndNoInput) {
  script(
      "cat > \"$(dirname \"$0\")/input\"\n"
      "printf '%s|' \"$@\" > \"$(dirname \"$0\")/words\"\n"
      "echo '{\"Version\": 1, \"AccessKeyId\": \"P\", \"SecretAccessKey\": \"SECRETP\"}'\n");
  EXPECT_EQ(aws.get().expires, std::nullopt);
  EXPECT_EQ(aws.home.read("words"), "--for|a b|$HOME|;|#|not|a|comment|");
  EXPECT_EQ(aws.home.read("input"), "");
}

TEST_F(ProcessCredentials, FailuresSayWhatIsWrong) {
  script("echo SECRET; echo SECRET >&2; exit 3\n");
  EXPECT_THAT(denied(), AllOf(HasSubstr("credential_process of profile \"default\" (\"sh\")"),
                              HasSubstr("ended with exit code 3: run it yourself")));
  script("kill -TERM $$\n");
  EXPECT_THAT(denied(), HasSubstr("was ended by signal 15"));
  script("yes SECRET\n");
  EXPECT_THAT(denied(), HasSubstr("printed more than"));
  script("echo SECRET\n");
  EXPECT_THAT(denied(), HasSubstr("did not print one JSON object"));
  script("echo '{\"Version\": 2, \"AccessKeyId\": \"P\", \"SecretAccessKey\": \"SECRETP\"}'\n");
  EXPECT_THAT(denied(), HasSubstr("\"Version\": 1"));
  script("echo '{\"Version\": 1, \"AccessKeyId\": \"P\"}'\n");
  EXPECT_THAT(denied(), HasSubstr("answered without SecretAccessKey"));
  script(
      "echo '{\"Version\": 1, \"AccessKeyId\": \"P\", \"SecretAccessKey\": \"SECRETP\", "
      "\"Expiration\": \"SECRET\"}'\n");
  EXPECT_THAT(denied(), HasSubstr("no RFC 3339 date"));
  aws.config("[default]\ncredential_process = /nowhere/program SECRET\n");
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.get(); }),
              HasSubstr("could not start the program \"/nowhere/program\": No such file"));
  aws.config("[default]\ncredential_process = program 'SECRET\n");
  EXPECT_THAT(failure<InvalidArgument>([&] { aws.source(); }), HasSubstr("quote is not closed"));
}

TEST(RunProgram, StopsWhatTakesTooLong) {
  const auto clock = make_system_clock();
  const auto begin = clock->steady_now();
  EXPECT_EQ(run_program({"sleep", "60"}, 50ms, *clock).end, ProgramResult::End::timed_out);
  // One that closes its output and goes on.
  EXPECT_EQ(run_program({"sh", "-c", "exec >&-; exec sleep 60"}, 50ms, *clock).end,
            ProgramResult::End::timed_out);
  EXPECT_LT(clock->steady_now() - begin, 10s);
}

TEST(RunProgram, EndsWithTheWorkThatItIsFor) {
  const auto clock = make_system_clock();
  const auto begin = clock->steady_now();
  for (const char* program : {"exec sleep 60", "exec >&-; exec sleep 60"}) {
    std::stop_source stop;
    std::jthread stopper([&] {
      clock->sleep_for(50ms);
      stop.request_stop();
    });
    const StopScope scope(stop.get_token());
    EXPECT_THROW(run_program({"sh", "-c", program}, 5s, *clock), Interrupted);
  }
  EXPECT_LT(clock->steady_now() - begin, 4s);
}

TEST(RunProgram, LeavesNoFilesOpen) {
  const auto clock = make_system_clock();
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = count();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(run_program({"echo", "a"}, 10s, *clock).output, "a\n");
    EXPECT_THROW(run_program({"/nowhere/program"}, 10s, *clock), InvalidArgument);
  }
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace flashflood
