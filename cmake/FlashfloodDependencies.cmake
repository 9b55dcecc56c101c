# Finds what FlashFlood is built with. What is missing is gathered, and told at once, with the
# names of Debian's packages: whoever builds it installs them by one command, and not one by one.

if(NOT DEFINED FLASHFLOOD_MISSING)  # python/CMakeLists.txt has found some by then
  set(FLASHFLOOD_MISSING "")
endif()

# flashflood_find(<debian package> <arguments of find_package>...)
macro(flashflood_find debian package)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    list(APPEND FLASHFLOOD_MISSING ${debian})
  endif()
endmacro()

# flashflood_find_module(<debian package> <prefix> <module of pkg-config>)
macro(flashflood_find_module debian prefix module)
  set(${prefix}_FOUND FALSE)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module})
  endif()
  if(NOT ${prefix}_FOUND)
    list(APPEND FLASHFLOOD_MISSING ${debian})
  endif()
endmacro()

# Ends the configuration when anything was missing.
macro(flashflood_found_everything)
  if(FLASHFLOOD_MISSING)
    list(JOIN FLASHFLOOD_MISSING " " flashflood_packages)
    message(FATAL_ERROR "FlashFlood is built with libraries that were not found. On Debian and "
            "Ubuntu this installs them:\n"
            "  apt-get install ${flashflood_packages}\n"
            "Elsewhere they have similar names; docs/decisions/0001-dependencies.md says what each "
            "is for.")
  endif()
endmacro()
