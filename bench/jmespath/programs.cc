// jq, jp, and JMESPath in Python and JavaScript: each a program of its own on a file.

#include "bench/jmespath/contender.h"

namespace flashflood::bench {

const std::vector<Program> programs = {
    {"jq", 50'000, false,
     [](const Question& question, const std::string&, const std::string& input) {
       return std::vector<std::string>{"jq", "-c", std::string(question.jq), input};
     }},
    {"jp (Go)", 50'000, true,
     [](const Question& question, const std::string&, const std::string& input) {
       std::string expression(question.expression);
       return std::vector<std::string>{
           "jp", "-c", "-f", input,
           question.is_projection ? "[*]." + expression : "[?" + expression + "]"};
     }},
    {"jmespath.py, json.loads", 20'000, false,
     [](const Question& question, const std::string& scripts, const std::string& input) {
       return std::vector<std::string>{"/usr/bin/python3", scripts + "/jmespath_py.py",
                                       question.is_projection ? "query" : "where",
                                       std::string(question.expression), input};
     }},
    {"jmespath.js, JSON.parse", 50'000, false,
     [](const Question& question, const std::string& scripts, const std::string& input) {
       return std::vector<std::string>{"node", scripts + "/jmespath_js.js",
                                       question.is_projection ? "query" : "where",
                                       std::string(question.expression), input};
     }},
};

}  // namespace flashflood::bench
