"""The regression table, estimated beside published: `model` its rows and cells, `build` what stands in
them, `printed` the numbers of a paper, `fits` the rows under the coefficients, `notes` its notes.
"""
