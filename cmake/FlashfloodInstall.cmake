# What `cmake --install` installs beside the command: headers, library, and how others find them, a
# CMake package (flashflood::flashflood) and a pkg-config file.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/flashflood)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/flashflood
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS flashflood EXPORT flashfloodTargets)
install(EXPORT flashfloodTargets NAMESPACE flashflood:: DESTINATION ${package_dir})

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/flashfloodConfig.cmake.in
  ${PROJECT_BINARY_DIR}/flashfloodConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/flashfloodConfigVersion.cmake COMPATIBILITY SameMajorVersion)
# A build tree can be found as well: the Python package of the tests is built against it.
export(EXPORT flashfloodTargets NAMESPACE flashflood::
       FILE ${PROJECT_BINARY_DIR}/flashfloodTargets.cmake)
install(FILES ${PROJECT_BINARY_DIR}/flashfloodConfig.cmake
              ${PROJECT_BINARY_DIR}/flashfloodConfigVersion.cmake DESTINATION ${package_dir})

# Paths in the pkg-config file are relative to where it lies, so that a tree can be moved. A static
# library needs its own libraries named to whoever links it.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_PREFIX}/${pc_dir} ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
set(pc_requires "libcurl, libcrypto, libzstd, liblz4, fmt, pugixml, simdjson")
if(BUILD_SHARED_LIBS)
  set(pc_requires_public "")
else()
  set(pc_requires_public "${pc_requires}")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/flashflood.pc.in ${PROJECT_BINARY_DIR}/flashflood.pc
               @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/flashflood.pc DESTINATION ${pc_dir})
