# `cmake --install`: the libraries that a trigger needs to score hits, as the CMake package
# stationhit (target stationhit::inference). No Torch and no ROOT among them.
include(CMakePackageConfigHelpers)
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/stationhit")

# Declares what only ONNX Runtime can do.
set(left_out_header "")
set(
  installed_modules
  core
  kernels
  graph
  features
  architecture
  engine
  onnx_file
  inference
)
if(STATIONHIT_WITH_ONNXRUNTIME)
  list(APPEND installed_modules operators)
else()
  set(left_out_header PATTERN onnx_model.hpp EXCLUDE)
endif()
foreach(module IN LISTS installed_modules)
  set_target_properties(stationhit_${module} PROPERTIES EXPORT_NAME ${module})
  install(
    TARGETS stationhit_${module}
    EXPORT stationhit-targets
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
  EXPORT stationhit-targets
  NAMESPACE stationhit::
  DESTINATION ${package_folder}
  COMPONENT development
)

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/stationhit-config.cmake.in"
  "${PROJECT_BINARY_DIR}/stationhit-config.cmake"
  INSTALL_DESTINATION ${package_folder}
)
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/stationhit-config-version.cmake"
  COMPATIBILITY SameMinorVersion
)
install(
  FILES
    "${PROJECT_BINARY_DIR}/stationhit-config.cmake"
    "${PROJECT_BINARY_DIR}/stationhit-config-version.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/OnnxRuntimeTarget.cmake"
  DESTINATION ${package_folder}
  COMPONENT development
)
