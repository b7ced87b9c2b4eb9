# Libraries in one file, for programs of others: they show the functions of this project and nothing
# of what they are made of, so that they get on with whatever else a process has loaded.

# What they take along for others to load at run time stands in a folder of its own, where no
# LD_LIBRARY_PATH looks, and they find it beside themselves (RPATH, before LD_LIBRARY_PATH).
option(
  STATIONHIT_BUNDLE_LIBRARIES
  "Install Highway and ONNX Runtime, where they are shared libraries, for this project alone"
  ON
)
set(STATIONHIT_BUNDLE_FOLDER "${CMAKE_INSTALL_LIBDIR}/stationhit")

# The name by which a shared library is loaded; empty for another file.
function(stationhit_soname file result)
  execute_process(COMMAND "${CMAKE_READELF}" -d "${file}" OUTPUT_VARIABLE dynamic ERROR_QUIET)
  set(${result} "" PARENT_SCOPE)
  if(dynamic MATCHES "\\(SONAME\\)[^\\[]*\\[([^]]+)\\]")
    set(${result} "${CMAKE_MATCH_1}" PARENT_SCOPE)
  endif()
endfunction()

# Where the library of an imported target is.
function(stationhit_library_file target result)
  set(names LOCATION IMPORTED_LOCATION IMPORTED_LOCATION_RELEASE IMPORTED_LOCATION_NONE)
  foreach(name IN LISTS names)
    get_target_property(file ${target} ${name})
    if(file)
      file(REAL_PATH "${file}" file)
      break()
    endif()
  endforeach()
  set(${result} "${file}" PARENT_SCOPE)
endfunction()

# stationhit_bundle(<component> <imported targets...>): those that are shared libraries.
function(stationhit_bundle component)
  if(NOT STATIONHIT_BUNDLE_LIBRARIES)
    return()
  endif()
  foreach(target IN LISTS ARGN)
    stationhit_library_file(${target} file)
    stationhit_soname("${file}" soname)
    if(soname)
      install(
        FILES "${file}"
        DESTINATION ${STATIONHIT_BUNDLE_FOLDER}
        RENAME "${soname}"
        COMPONENT ${component}
      )
    endif()
  endforeach()
endfunction()

# The RPATH of a file that is installed in `folder`.
function(stationhit_rpath target folder)
  if(STATIONHIT_BUNDLE_LIBRARIES)
    file(RELATIVE_PATH path "/${folder}" "/${STATIONHIT_BUNDLE_FOLDER}")
    set_property(TARGET ${target} APPEND PROPERTY INSTALL_RPATH "$ORIGIN/${path}")
  endif()
endfunction()

# stationhit_shared_library(<target> NAME <file name> VERSION <v> SOVERSION <v> SYMBOLS <version script>
#   MODULES <modules...> [SOURCES <files...>] [LINK <targets...>])
# A library of all objects of these modules.
function(stationhit_shared_library target)
  cmake_parse_arguments(arg "" "NAME;VERSION;SOVERSION;SYMBOLS" "MODULES;SOURCES;LINK" ${ARGN})
  list(
    TRANSFORM arg_MODULES
    REPLACE "(.+)" "$<TARGET_OBJECTS:stationhit_\\1>"
    OUTPUT_VARIABLE objects
  )
  add_library(${target} SHARED ${objects} ${arg_SOURCES})
  set_target_properties(
    ${target}
    PROPERTIES
      OUTPUT_NAME ${arg_NAME}
      VERSION ${arg_VERSION}
      SOVERSION ${arg_SOVERSION}
      LINKER_LANGUAGE CXX
      LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib"
      LINK_DEPENDS "${arg_SYMBOLS}"
  )
  target_link_libraries(${target} PRIVATE ${arg_LINK} Threads::Threads)
  target_link_options(
    ${target}
    PRIVATE
      "LINKER:--version-script=${arg_SYMBOLS}"
      LINKER:-Bsymbolic-functions
      LINKER:--exclude-libs,ALL
      LINKER:--as-needed
  )
  # A sanitizer's run-time library is that of the program.
  if(NOT STATIONHIT_SANITIZE)
    target_link_options(${target} PRIVATE LINKER:--no-undefined)
  endif()
  stationhit_rpath(${target} ${CMAKE_INSTALL_LIBDIR})
endfunction()
