# `cmake --install`: what a trigger needs to score hits. No Torch among it, and ROOT only in the
# component root of the CMake package.
#   libstationhit        the C++ interface in one shared library (stationhit::stationhit)
#   libstationhit_c      the C interface (stationhit::c)
#   libstationhit_<module>.a   the same as static libraries (stationhit::inference, ...)
include(CMakePackageConfigHelpers)
include(Notices)
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/stationhit")

# The modules of each component of the CMake package; engine_modules are those of CMakeLists.txt.
set(inference_modules onnx_file)
set(external_libraries hwy::hwy protobuf::libprotobuf-lite)
# Declares what only ONNX Runtime can do.
set(left_out_header "")
set(bundled_libraries hwy::hwy)
if(STATIONHIT_WITH_ONNXRUNTIME)
  list(APPEND inference_modules operators)
  list(APPEND bundled_libraries onnxruntime::onnxruntime)
  list(APPEND external_libraries onnxruntime::onnxruntime)
else()
  set(left_out_header PATTERN onnx_model.hpp EXCLUDE)
endif()
list(APPEND inference_modules inference)
set(package_components shared engine inference)
set(root_modules "")
if(TARGET stationhit_root_io)
  list(APPEND package_components root)
  set(root_modules metrics hdf5_io root_io)
endif()

# The shared library. Protobuf is taken into it where there is an archive that a shared library can
# hold (that of Debian is not compiled for it), so that no other version of it in the process matters.
find_library(PROTOBUF_LITE_ARCHIVE libprotobuf-lite.a)
if(PROTOBUF_LITE_ARCHIVE AND NOT DEFINED STATIONHIT_TAKES_PROTOBUF)
  file(WRITE "${PROJECT_BINARY_DIR}/empty.cpp" "")
  try_compile(
    STATIONHIT_TAKES_PROTOBUF
    "${PROJECT_BINARY_DIR}/takes_protobuf"
    SOURCES "${PROJECT_BINARY_DIR}/empty.cpp"
    LINK_OPTIONS -shared LINKER:--whole-archive,${PROTOBUF_LITE_ARCHIVE},--no-whole-archive
  )
endif()
if(STATIONHIT_TAKES_PROTOBUF)
  list(TRANSFORM external_libraries REPLACE "^protobuf::.*" "${PROTOBUF_LITE_ARCHIVE}")
else()
  list(APPEND bundled_libraries protobuf::libprotobuf-lite)
endif()
set(exported_symbols "")
foreach(module IN LISTS engine_modules inference_modules)
  # The kernels and the operators are called by the other modules only.
  if(NOT module MATCHES "kernels|operators")
    foreach(
      kind
      IN
      ITEMS "" "vtable?for?" "VTT?for?" "typeinfo?for?" "typeinfo?name?for?"
    )
      string(APPEND exported_symbols "      ${kind}stationhit::${module}::*;\n")
    endforeach()
  endif()
endforeach()
set(symbols "${PROJECT_BINARY_DIR}/stationhit.map")
configure_file("${CMAKE_CURRENT_LIST_DIR}/stationhit.map.in" "${symbols}" @ONLY)
stationhit_shared_library(
  stationhit_shared
  NAME stationhit
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  SYMBOLS "${symbols}"
  MODULES ${engine_modules} ${inference_modules}
  LINK ${external_libraries}
)
add_library(stationhit::stationhit ALIAS stationhit_shared)
set_target_properties(stationhit_shared PROPERTIES EXPORT_NAME stationhit)
target_compile_features(stationhit_shared INTERFACE cxx_std_20)
target_include_directories(
  stationhit_shared
  INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
)
install(
  TARGETS stationhit_shared
  EXPORT stationhit-shared-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
)
# The C interface is a library of its own, with a version of its own: it stays the same while the C++
# interface changes.
stationhit_shared_library(
  stationhit_c
  NAME stationhit_c
  VERSION 1.${PROJECT_VERSION}
  SOVERSION 1
  SYMBOLS "${CMAKE_CURRENT_LIST_DIR}/stationhit_c.map"
  MODULES ${engine_modules} ${inference_modules} c_api
  LINK ${external_libraries}
)
add_library(stationhit::c ALIAS stationhit_c)
set_target_properties(stationhit_c PROPERTIES EXPORT_NAME c)
target_include_directories(
  stationhit_c
  INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
)
install(
  TARGETS stationhit_c
  EXPORT stationhit-shared-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
)
install(
  FILES "${PROJECT_SOURCE_DIR}/src/c_api/include/stationhit.h"
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT development
)
stationhit_bundle(development ${bundled_libraries})
if(STATIONHIT_WITH_ONNXRUNTIME)
  stationhit_rpath(stationhit_ops ${CMAKE_INSTALL_LIBDIR})
  stationhit_bundle(operators hwy::hwy)
endif()

# The static libraries. What a program or plug-in links of them stays its own: it shows none of
# their symbols.
set(archives "")
foreach(module IN LISTS engine_modules inference_modules root_modules)
  list(APPEND archives "libstationhit_${module}.a")
endforeach()
list(JOIN archives ":" archives)
target_link_options(
  stationhit_core
  INTERFACE "$<INSTALL_INTERFACE:LINKER:--exclude-libs,${archives}>"
)
foreach(component IN LISTS package_components)
  foreach(module IN LISTS ${component}_modules)
    set_target_properties(stationhit_${module} PROPERTIES EXPORT_NAME ${module})
    install(
      TARGETS stationhit_${module}
      EXPORT stationhit-${component}-targets
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
    )
    install(
      DIRECTORY "${PROJECT_SOURCE_DIR}/src/${module}/include/"
      DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
      COMPONENT development
      ${left_out_header}
    )
  endforeach()
  install(
    EXPORT stationhit-${component}-targets
    NAMESPACE stationhit::
    DESTINATION ${package_folder}
    COMPONENT development
  )
endforeach()

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/stationhit-config.cmake.in"
  "${PROJECT_BINARY_DIR}/stationhit-config.cmake"
  INSTALL_DESTINATION ${package_folder}
  PATH_VARS STATIONHIT_BUNDLE_FOLDER
)
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/stationhit-config-version.cmake"
  COMPATIBILITY SameMinorVersion
)
install(
  FILES
    "${PROJECT_BINARY_DIR}/stationhit-config.cmake"
    "${PROJECT_BINARY_DIR}/stationhit-config-version.cmake"
  DESTINATION ${package_folder}
  COMPONENT development
)

# pkg-config, relative to the place of its file.
set(pkgconfig_folder "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH prefix_of_pkgconfig "/${pkgconfig_folder}" "/")
foreach(library IN ITEMS stationhit stationhit_c)
  configure_file(
    "${CMAKE_CURRENT_LIST_DIR}/${library}.pc.in"
    "${PROJECT_BINARY_DIR}/${library}.pc"
    @ONLY
  )
  install(
    FILES "${PROJECT_BINARY_DIR}/${library}.pc"
    DESTINATION ${pkgconfig_folder}
    COMPONENT development
  )
endforeach()
if("metrics" IN_LIST root_modules)
  stationhit_boost_is_contained()
endif()
stationhit_install_notices(development "${CMAKE_INSTALL_DATADIR}/doc/stationhit")
