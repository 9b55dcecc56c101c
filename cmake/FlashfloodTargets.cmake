# Shared compile settings, and the two functions with which every folder declares what it builds.

add_library(flashflood_options INTERFACE)
target_include_directories(flashflood_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
target_compile_options(flashflood_options INTERFACE
  -fPIC -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align
  -Wunused -Wimplicit-fallthrough $<$<NOT:$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wshadow>
  $<$<BOOL:${FLASHFLOOD_WERROR}>:-Werror>)
if(FLASHFLOOD_SANITIZE)
  target_compile_options(flashflood_options INTERFACE
    -fsanitize=${FLASHFLOOD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(flashflood_options INTERFACE -fsanitize=${FLASHFLOOD_SANITIZE})
endif()

# Most of the time to compile a source goes into the headers of the standard library, fmt and
# GoogleTest, so they are compiled once for all programs and once for the tests. A target can use a
# precompiled header only with the flags it was made with: hence -fPIC everywhere, and fmt's flags.
# CMAKE_DISABLE_PRECOMPILE_HEADERS builds without, and shows what a source forgets to include.
#
# flashflood_test_options: halves the time to build the tests; what they test is optimized.
set(flashflood_test_options -O0 -g1)
add_subdirectory(${CMAKE_CURRENT_LIST_DIR}/precompiled ${PROJECT_BINARY_DIR}/precompiled)

# GCC forgets that code from a precompiled header is the system's, and four warnings of its
# optimizer are wrong about std::string; a build without precompiled headers still has them.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  target_compile_options(flashflood_options INTERFACE
    -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()

# For what is no test: the target uses the precompiled header, with fmt's flags.
function(flashflood_precompile target)
  target_link_libraries(${target} PRIVATE fmt::fmt)
  target_precompile_headers(${target} REUSE_FROM flashflood_precompiled_library)
endfunction()

# The release and sanitizer presets compile several sources of a target as one (CMAKE_UNITY_BUILD),
# in less than half the time; dev compiles each by itself. ALONE names those of SOURCES that cannot
# be joined with others: they have a local name that another has too ("redefinition of ..."). Names
# of another source are no shadows: no -Wshadow.
function(flashflood_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# flashflood_layer(NAME SOURCES ... ALONE ... DEPENDS ...): one layer of the library, as objects.
# DEPENDS names the libraries that its sources include; layers below come by include path.
function(flashflood_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;ALONE;DEPENDS" ${ARGN})
  flashflood_compile_alone(${ARG_ALONE})
  add_library(flashflood_${name} OBJECT ${ARG_SOURCES})
  target_link_libraries(flashflood_${name} PRIVATE flashflood_options ${ARG_DEPENDS})
  flashflood_precompile(flashflood_${name})
  set_property(GLOBAL APPEND PROPERTY FLASHFLOOD_LAYERS flashflood_${name})
endfunction()

# What the sanitizer presets build; flashflood_test() adds to them.
add_custom_target(flashflood_tests_asan)
add_custom_target(flashflood_tests_threads)

# flashflood_test(NAME SOURCES ... ALONE ... DEPENDS ... LABELS ... TIMEOUT seconds WHOLE ELSEWHERE): a
# GoogleTest program against the whole library. A test has 300 seconds unless TIMEOUT says otherwise.
# Labels: "threads" runs under ThreadSanitizer too; "slow" does not run under AddressSanitizer.
# ELSEWHERE: no test of ctest; another folder makes one of it. WHOLE: one test of ctest for the
# program, not one for each case; so are all under sanitizers, which take longer to start than most
# cases take. THROWS: millions of exceptions, each of which takes AddressSanitizer a millisecond when it looks for
# uses of a stack frame after its return; so this program runs without that check (35 s instead of 15 minutes).
function(flashflood_test name)
  if(NOT FLASHFLOOD_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "WHOLE;ELSEWHERE;THROWS" "TIMEOUT" "SOURCES;ALONE;DEPENDS;LABELS" ${ARGN})
  flashflood_compile_alone(${ARG_ALONE})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE flashflood flashflood_options fmt::fmt ${ARG_DEPENDS}
                        GTest::gtest_main GTest::gmock)
  target_compile_definitions(${name} PRIVATE FLASHFLOOD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE ${flashflood_test_options})
  target_precompile_headers(${name} REUSE_FROM flashflood_precompiled_tests)
  if(NOT "slow" IN_LIST ARG_LABELS)
    add_dependencies(flashflood_tests_asan ${name})
  endif()
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(flashflood_tests_threads ${name})
  endif()
  if(ARG_ELSEWHERE)
    return()
  endif()
  if(ARG_WHOLE OR FLASHFLOOD_SANITIZE)
    if(FLASHFLOOD_SANITIZE)
      math(EXPR ARG_TIMEOUT "3 * ${ARG_TIMEOUT}")
    endif()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES
      TIMEOUT ${ARG_TIMEOUT} COST 10 LABELS "${ARG_LABELS}")  # COST: begun before the short ones
    if(ARG_THROWS AND FLASHFLOOD_SANITIZE MATCHES "address")
      set_tests_properties(${name} PROPERTIES
        ENVIRONMENT "ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1")
    endif()
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
      PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  endif()
endfunction()
