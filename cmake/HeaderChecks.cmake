# Every public header is compiled alone, with the include rights of those who link its module: a header
# that forgets an include, or needs a private third party, does not build.
#
#   cmake --build build/release --target stationhit_header_checks
#
# Not part of `all`: nothing else needs the objects. `make test` builds them.
add_custom_target(stationhit_header_checks)

# stationhit_check_headers(<module>): one unit per header below the module's include/.
function(stationhit_check_headers module)
  set(include_folder "${PROJECT_SOURCE_DIR}/src/${module}/include")
  file(
    GLOB_RECURSE headers
    RELATIVE "${include_folder}"
    CONFIGURE_DEPENDS
    "${include_folder}/*.hpp"
    "${include_folder}/*.h"
  )
  set(units "")
  foreach(header IN LISTS headers)
    string(REGEX REPLACE "\\.(hpp|h)$" ".cpp" unit "${header}")
    set(unit "${PROJECT_BINARY_DIR}/header_checks/${unit}")
    file(CONFIGURE OUTPUT "${unit}" CONTENT "#include <${header}>\n" @ONLY)
    list(APPEND units "${unit}")
  endforeach()
  set(target stationhit_${module}_header_checks)
  add_library(${target} OBJECT EXCLUDE_FROM_ALL ${units})
  target_link_libraries(${target} PRIVATE stationhit::${module} stationhit_warnings)
  target_compile_options(${target} PRIVATE -O0)
  get_target_property(pool stationhit_${module} JOB_POOL_COMPILE)
  if(pool)
    set_property(TARGET ${target} PROPERTY JOB_POOL_COMPILE ${pool})
  endif()
  add_dependencies(stationhit_header_checks ${target})
endfunction()
