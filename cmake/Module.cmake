# stationhit_module(<name> SOURCES ... [PUBLIC modules...] [PRIVATE targets...])
# One folder under src = one library stationhit_<name> (alias stationhit::<name>) with its public
# headers in include/. PUBLIC: modules whose headers ours include. PRIVATE: modules and third
# parties that only our sources see.
function(stationhit_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(stationhit_${name} STATIC ${arg_SOURCES})
  add_library(stationhit::${name} ALIAS stationhit_${name})
  target_include_directories(
    stationhit_${name}
    PUBLIC
      "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>"
      "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
  )
  target_compile_features(stationhit_${name} PUBLIC cxx_std_20)
  list(TRANSFORM arg_PUBLIC PREPEND stationhit::)
  # Whoever links an installed library needs nothing of those that are headers only.
  list(
    TRANSFORM arg_PRIVATE
    REPLACE "^(nlohmann_json::nlohmann_json|Boost::headers)$" "$<BUILD_INTERFACE:\\1>"
  )
  target_link_libraries(
    stationhit_${name}
    PUBLIC ${arg_PUBLIC}
    PRIVATE
      ${arg_PRIVATE}
      $<BUILD_INTERFACE:stationhit_warnings>
      $<BUILD_INTERFACE:stationhit_numerics>
  )
endfunction()

# stationhit_test(<module> SOURCES ... [LINK targets...] [LABEL fast|slow|parity|cli])
# One GoogleTest program per module; every case is a ctest case.
function(stationhit_test module)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;LINK" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL fast)
  endif()
  set(target test_${module})
  if(NOT arg_LABEL STREQUAL fast)
    string(APPEND target _${arg_LABEL})
  endif()
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(
    ${target}
    PRIVATE
      stationhit::${module}
      ${arg_LINK}
      stationhit_test_main
      stationhit_warnings
      stationhit_numerics
  )
  if(STATIONHIT_WITH_ROOT)
    target_link_options(${target} PRIVATE -Wl,--allow-shlib-undefined)
  endif()
  gtest_discover_tests(
    ${target}
    PROPERTIES LABELS ${arg_LABEL}
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    NO_PRETTY_VALUES # else the name of a case holds the bytes of its parameter
  )
endfunction()

# stationhit_json_sources(<files>...)
# Sources in which errors of nlohmann-json name the place in the document. GCC 12 then believes that
# it sees accesses outside of a value of JSON.
function(stationhit_json_sources)
  set_source_files_properties(
    ${ARGN}
    PROPERTIES
      COMPILE_DEFINITIONS JSON_DIAGNOSTICS=1
      COMPILE_OPTIONS $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
  )
endfunction()
